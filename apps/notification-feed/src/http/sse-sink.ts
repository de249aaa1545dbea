import type { ServerResponse } from 'node:http';
import type { Gap } from '../core/cursor.js';
import { sseCursor, sseHeartbeat, sseMessage } from '../core/sse.js';
import type { Batch } from '../streams/batch.js';
import type { Sink } from '../streams/sink.js';
import { Connection } from './connection.js';

/** A reader of server-sent events. */
export class SseSink extends Connection implements Sink {
  constructor(private readonly response: ServerResponse) {
    super(response, () => response.writableLength);
    // Nothing frames the bytes, so that readers share them; the end of the connection is the end of the stream.
    response.removeHeader('transfer-encoding');
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Tells nginx, and proxies that follow it, to pass each message on at once.
      'x-accel-buffering': 'no',
    });
    response.write(`retry: 1000\n${sseHeartbeat}`);
  }

  send(batch: Batch): void {
    this.response.write(batch.sse);
  }

  gap(gap: Gap): void {
    this.response.write(sseMessage({ id: gap.from, event: 'gap', json: JSON.stringify(gap) }));
  }

  idle(cursor: string): void {
    this.response.write(`${sseHeartbeat}${sseCursor(cursor)}`);
  }

  close(): void {
    this.response.end();
    this.endSoon();
  }
}
