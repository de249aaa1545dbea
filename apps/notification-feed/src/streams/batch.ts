import { cursorText } from '../core/cursor.js';
import { sseMessage } from '../core/sse.js';
import type { StoredNotification } from '../ports.js';
import { notificationView } from '../view.js';

/** A notification on its way to readers: made into JSON once, however many there are. */
export interface Frame {
  readonly position: bigint;
  readonly cursor: string;
  /** The notification as the API shows it, as JSON. */
  readonly json: string;
}

/** The frames of notifications, in their order. */
export const framesOf = (epoch: string, notifications: readonly StoredNotification[]): Frame[] =>
  notifications.map((one) => ({
    position: BigInt(one.position),
    cursor: cursorText(epoch, one.position),
    json: JSON.stringify(notificationView(one)),
  }));

/** Frames that many readers get, in bytes that they share. */
export class Batch {
  #sse: Buffer | undefined;
  #webSocket: readonly string[] | undefined;

  constructor(readonly frames: readonly Frame[]) {}

  /** As server-sent events. */
  get sse(): Buffer {
    return (this.#sse ??= Buffer.from(
      this.frames.map(({ cursor, json }) => sseMessage({ id: cursor, event: 'notification', json })).join(''),
    ));
  }

  /** As WebSocket messages, one for each frame. */
  get webSocket(): readonly string[] {
    return (this.#webSocket ??= this.frames.map(
      ({ cursor, json }) => `{"type":"notification","cursor":"${cursor}","notification":${json}}`,
    ));
  }

  /** Those behind a position; itself if that is all of them. */
  after(position: bigint): Batch {
    const [first] = this.frames;
    if (!first || first.position > position) return this;
    return new Batch(this.frames.filter((frame) => frame.position > position));
  }
}
