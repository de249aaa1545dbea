import { counter, gauge, histogram, type Logger } from '@soma/telemetry';
import { type Cursor, type FeedState, resume, type Resumption, retentionGap } from '../core/cursor.js';
import { beforeWeekOf } from '../core/retention.js';
import type { NotificationStore, RawNotification, WakeUp } from '../ports.js';
import type { Sink } from './sink.js';
import { Subscription } from './subscription.js';
import { Tail } from './tail.js';

/** Where a reader begins: behind a cursor, at a time (milliseconds since 1970), or with what is to come. */
export type Start = { readonly cursor: Cursor } | { readonly since: number } | 'now';

/** A reader that has its place in the feed and no connection yet. */
export interface Opened {
  readonly squad: string;
  readonly state: FeedState;
  readonly resumption: Resumption;
}

export interface HubOptions {
  readonly store: NotificationStore;
  readonly wakeUp: WakeUp;
  readonly logger: Logger;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly cutOffMs: number;
  /** Most readers of this replica. */
  readonly maxReaders: number;
}

/** This replica stops, or has as many readers as it may: another one, or later. */
class TooManyReaders extends Error {
  readonly code = 'too-many-readers';
  readonly status = 503;
}

interface Shared {
  readonly tail: Tail;
  readers: number;
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The readers of this replica, by squad: those of one squad share one look at the log. Any replica serves any squad. */
export class Hub {
  readonly #tails = new Map<string, Shared>();
  readonly #sinks = new Set<Sink>();
  #closing = false;
  readonly #subscribers = gauge({
    name: 'feed_subscribers',
    help: 'Open streams',
    labelNames: ['squad', 'transport'],
  });
  readonly #gaps = counter({
    name: 'feed_gaps_total',
    help: 'Gaps that readers of streams were told of',
    labelNames: ['reason'],
  });
  readonly #latency = histogram({
    name: 'feed_delivery_seconds',
    help: 'Time until a notification goes out to live streams, since it happened and since it was stored',
    labelNames: ['since'],
    buckets: secondsBuckets,
  });

  constructor(private readonly options: HubOptions) {}

  /**
   * Finds a reader's place.
   *
   * @throws TooManyReaders, or PostgresUnavailable.
   */
  async open(squad: string, start: Start): Promise<Opened> {
    const { store, maxReaders } = this.options;
    if (this.#closing || this.#sinks.size >= maxReaders)
      throw new TooManyReaders('this replica takes no more readers: try again in a moment');
    const since = start !== 'now' && 'since' in start ? await store.positionAt(start.since) : undefined;
    const state = await store.state();
    return { squad, state, resumption: resumption(start, since, state) };
  }

  /** Serves an opened reader until its connection ends. */
  async serve(
    { squad, state, resumption: start }: Opened,
    { sink, transport, allowed }: { sink: Sink; transport: string; allowed: () => Promise<boolean> },
  ): Promise<void> {
    const { logger } = this.options;
    const shared = this.#tail(squad, state);
    const labels = { squad, transport };
    shared.readers += 1;
    this.#sinks.add(sink);
    this.#subscribers.inc(labels);
    if (this.#closing) sink.close('shutdown');
    try {
      const onGap = (reason: string): void => this.#gaps.inc({ reason });
      await new Subscription(start, { sink, tail: shared.tail, allowed, onGap }).run(state);
    } catch (error) {
      // The client comes back with its cursor, to this replica or another one.
      logger.warn({ err: error, squad }, 'stream ended early');
      sink.close('failed');
    } finally {
      this.#subscribers.dec(labels);
      this.#sinks.delete(sink);
      shared.readers -= 1;
      if (shared.readers === 0) {
        shared.tail.end('left');
        if (this.#tails.get(squad) === shared) this.#tails.delete(squad);
      }
    }
  }

  /** Ends every stream and opens no more: the replica stops. */
  close(): void {
    this.#closing = true;
    for (const sink of this.#sinks) sink.close('shutdown');
  }

  #tail(squad: string, state: FeedState): Shared {
    const present = this.#tails.get(squad);
    if (present && !present.tail.ended && present.tail.epoch === state.epoch) return present;
    const { pollMs, heartbeatMs, cutOffMs, store, wakeUp, logger } = this.options;
    const onRows = (rows: readonly RawNotification[]): void => this.#observe(rows);
    const timing = { pollMs, heartbeatMs, cutOffMs };
    const tail = new Tail(state, { squad, store, wakeUp, logger, ...timing, onRows });
    const shared = { tail, readers: 0 };
    this.#tails.set(squad, shared);
    return shared;
  }

  #observe(rows: readonly RawNotification[]): void {
    const now = Date.now();
    for (const { happenedAt, storedAt } of rows) {
      this.#latency.observe({ since: 'happened' }, Math.max(0, now - happenedAt) / 1_000);
      this.#latency.observe({ since: 'stored' }, Math.max(0, now - storedAt) / 1_000);
    }
  }
}

const resumption = (start: Start, since: bigint | undefined, state: FeedState): Resumption => {
  if (start === 'now') return { position: state.head };
  if ('cursor' in start) return resume(start.cursor, state);
  const position = since ?? state.head;
  const wanted = beforeWeekOf(start.since);
  const gap = retentionGap(wanted < position ? wanted : position, state);
  return gap ? { position, gap } : { position };
};
