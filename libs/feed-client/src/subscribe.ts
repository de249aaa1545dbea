import { connection } from './connection.js';
import { backoffMs } from './core/backoff.js';
import { EventStreamParser } from './core/event-stream-parser.js';
import type { CursorStore } from './cursor-store.js';
import { createCursorWriter } from './cursor-writer.js';
import { FeedError, FeedGapError } from './errors.js';
import type { Notification, OnGap } from './feed.js';
import { createLifeline } from './lifeline.js';
import { messageOf } from './core/message.js';
import { readHead } from './pages.js';
import { pause } from './pause.js';
import type { Send } from './request.js';

export interface SubscribeOptions {
  readonly squad: string;
  /** Where the reader keeps its place. What is saved there goes before `from`. */
  readonly cursor?: CursorStore | undefined;
  /** Where to begin: behind a cursor, at the start, at a time, or with what comes from now on, which is the default. */
  readonly from?: 'start' | 'now' | (string & {}) | Date | undefined;
  /** Without it, a gap is a {@link FeedGapError}. */
  readonly onGap?: OnGap | undefined;
  /** Milliseconds without a byte, not even a heartbeat, after which it reconnects; 45 s if left out. */
  readonly silenceMs?: number | undefined;
  /** Ends the subscription, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** A notification with the place behind it. */
export interface FeedItem {
  readonly cursor: string;
  readonly notification: Notification;
}

const defaultSilenceMs = 45_000;
/** A connection that lasted so long was a good one, also if nothing happened. */
const healthyMs = 30_000;

/** See {@link FeedClient.subscribe}. */
export async function* subscribe(send: Send, options: SubscribeOptions): AsyncGenerator<FeedItem> {
  const { squad, cursor: store, from = 'now', onGap, silenceMs = defaultSilenceMs, signal } = options;
  const writer = createCursorWriter(store);
  const since = from instanceof Date ? from.toISOString() : undefined;
  let cursor = checked((await store?.load()) ?? beginning(from));
  let failed = 0;
  let retryMs: number | undefined;
  const move = (to: string): void => {
    cursor = to;
    writer.handled(to);
  };
  try {
    while (!signal?.aborted) {
      const began = performance.now();
      const parser = new EventStreamParser();
      const lifeline = createLifeline(silenceMs, signal);
      let retryAfterMs: number | undefined;
      try {
        // Else what is stored while the first connection breaks would be missing, and what comes before the next run.
        if (cursor === undefined && since === undefined)
          move(await lifeline.within(readHead(send, squad, lifeline.signal)));
        const request = {
          path: 'v1/stream',
          query: { squad, since: cursor === undefined ? since : undefined },
          headers: {
            accept: 'text/event-stream',
            ...(cursor !== undefined && { 'last-event-id': cursor }),
          },
        };
        for await (const block of connection(send, { request, parser, lifeline })) {
          failed = 0;
          const message = messageOf(block);
          if (message.type === 'notification') {
            yield { cursor: message.cursor, notification: message.notification };
          } else if (message.type === 'gap') {
            if (!onGap) throw new FeedGapError(message.gap);
            await onGap(message.gap);
          }
          if (message.cursor !== '') move(message.cursor);
          if (signal?.aborted) return;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (!(error instanceof FeedError && error.retriable)) throw error;
        ({ retryAfterMs } = error);
      } finally {
        lifeline.end();
      }
      retryMs = parser.retryMs ?? retryMs;
      if (performance.now() - began >= healthyMs) failed = 0;
      await pause(backoffMs({ failed, retryMs, retryAfterMs, random: Math.random() }), signal);
      failed += 1;
    }
  } finally {
    await writer.flush();
  }
}

const beginning = (from: string | Date): string | undefined => {
  if (from instanceof Date || from === 'now') return undefined;
  return from === 'start' ? '0' : from;
};

/** A cursor travels in a header. */
const checked = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined || /^[\x21-\x7e]{1,200}$/.test(cursor)) return cursor;
  throw new FeedError('invalid-cursor', `no cursor: ${JSON.stringify(cursor.slice(0, 50))}`);
};
