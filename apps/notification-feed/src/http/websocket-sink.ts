import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { parseCursor, type Gap } from '../core/cursor.js';
import type { Batch } from '../streams/batch.js';
import type { CloseReason, Sink } from '../streams/sink.js';
import { closings, policyViolation } from './close-codes.js';
import { Connection } from './connection.js';
import { ackMessage } from './messages.js';

/** Notifications that a named consumer may leave unacknowledged; beyond, it gets no more. */
const window = 1_000;

export interface Acknowledging {
  /** Called with each cursor that the consumer acknowledges, in their order. */
  readonly onAck: (cursor: string) => void;
}

/** A reader behind a WebSocket. */
export class WebSocketSink extends Connection implements Sink {
  /** Positions that were sent and not acknowledged, oldest first. */
  #unacknowledged: bigint[] = [];
  /** Up to where the consumer has been told of everything. */
  #sent = 0n;

  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Socket,
    private readonly acknowledging: Acknowledging | undefined,
  ) {
    super(socket, () => socket.writableLength);
    webSocket.on('message', (data: Buffer, isBinary) => this.#receive(isBinary ? '' : data.toString()));
    // Its connection closes as well, and that is what counts.
    webSocket.on('error', () => undefined);
  }

  override get ready(): boolean {
    return super.ready && this.#unacknowledged.length < window;
  }

  send(batch: Batch): void {
    if (this.acknowledging) for (const { position } of batch.frames) this.#unacknowledged.push(position);
    this.#sent = batch.frames.at(-1)?.position ?? this.#sent;
    this.socket.cork();
    for (const message of batch.webSocket) this.webSocket.send(message);
    this.socket.uncork();
  }

  gap(gap: Gap): void {
    this.webSocket.send(JSON.stringify({ type: 'gap', ...gap }));
  }

  idle(cursor: string): void {
    this.#sent = parseCursor(cursor)?.position ?? this.#sent;
    // A ping as well, so that a connection that is only half there is found.
    this.webSocket.ping();
    this.webSocket.send(JSON.stringify({ type: 'cursor', cursor }));
  }

  close(reason: CloseReason): void {
    this.webSocket.close(closings[reason].code, reason);
    this.endSoon();
  }

  #receive(text: string): void {
    const acknowledged = readAck(text);
    if (acknowledged === undefined)
      return this.webSocket.close(policyViolation, 'send {"type":"ack","cursor":"<cursor>"}');
    if (!this.acknowledging)
      return this.webSocket.close(
        policyViolation,
        'only a named consumer acknowledges: add ?consumer=<name>',
      );
    const { position } = acknowledged.cursor;
    const left = this.#unacknowledged.findIndex((sent) => sent > position);
    this.#unacknowledged = left === -1 ? [] : this.#unacknowledged.slice(left);
    if (position <= this.#sent) this.acknowledging.onAck(acknowledged.text);
    this.wake();
  }
}

const readAck = (message: string) => {
  try {
    const ack = ackMessage.safeParse(JSON.parse(message));
    if (!ack.success) return undefined;
    const { cursor: text } = ack.data;
    const cursor = parseCursor(text);
    return cursor && { cursor, text };
  } catch {
    return undefined;
  }
};
