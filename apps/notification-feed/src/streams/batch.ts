import { cursorText } from '../core/cursor.js';
import { sseMessage } from '../core/sse.js';
import type { RawNotification } from '../ports.js';

/** A notification on its way to readers. */
export interface Frame {
  readonly position: bigint;
  readonly cursor: string;
  /** The notification as the API shows it, as JSON. */
  readonly json: string;
}

/** The frames of notifications, in their order. */
export const framesOf = (epoch: string, notifications: readonly RawNotification[]): Frame[] =>
  notifications.map(({ position, json }) => ({
    position: BigInt(position),
    cursor: cursorText(epoch, position),
    json,
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

/** Frames that are written before a connection is asked whether it wants more. */
const sliceSize = 64;

/** Batches of frames, small enough that a slow reader is noticed. */
export const slicesOf = (frames: readonly Frame[]): Batch[] =>
  Array.from(
    { length: Math.ceil(frames.length / sliceSize) },
    (_, slice) => new Batch(frames.slice(slice * sliceSize, (slice + 1) * sliceSize)),
  );
