import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Gap } from '../core/cursor.js';
import { sseCursor, sseHeartbeat, sseMessage } from '../core/sse.js';
import type { Batch } from '../streams/batch.js';
import type { Sink } from '../streams/sink.js';
import { Connection } from './connection.js';

/** A reader of server-sent events. */
export class SseSink extends Connection implements Sink {
  /** Begins the answer, and writes past it to its socket: bytes that a thousand readers share are not looked at a thousand times. */
  static over(response: ServerResponse, socket: Socket): SseSink {
    // Nothing frames the bytes, so that readers share them; the end of the connection is the end of the stream.
    response.removeHeader('transfer-encoding');
    response.writeHead(200, SseSink.headers);
    response.write(`retry: 1000\n${sseHeartbeat}`);
    return new SseSink(response, socket);
  }

  static readonly headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Tells nginx, and proxies that follow it, to pass each message on at once.
    'x-accel-buffering': 'no',
  } as const;

  private constructor(
    private readonly response: ServerResponse,
    private readonly socket: Socket,
  ) {
    super(socket, () => socket.writableLength);
  }

  send(batch: Batch): void {
    this.#write(batch.sse);
  }

  gap(gap: Gap): void {
    this.#write(sseMessage({ id: gap.from, event: 'gap', json: JSON.stringify(gap) }));
  }

  idle(cursor: string): void {
    this.#write(`${sseHeartbeat}${sseCursor(cursor)}`);
  }

  close(): void {
    this.response.end();
    this.endSoon();
  }

  #write(bytes: Buffer | string): void {
    if (this.socket.writable && !this.response.writableEnded) this.socket.write(bytes);
  }
}
