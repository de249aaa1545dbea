import { setTimeout } from 'node:timers/promises';
import { type FeedState, type Gap, highestFloor, type Resumption, retentionGap } from '../core/cursor.js';
import { type Batch, slicesOf } from './batch.js';
import type { CloseReason, Sink } from './sink.js';
import type { LiveReader, LogPage, Tail } from './tail.js';

/** How long a connection may take to want more of a page before the page is let go and read again. */
const patienceMs = 1_000;

export interface SubscriptionOptions {
  readonly sink: Sink;
  readonly tail: Tail;
  /** Whether the reader may still read this squad's feed; asked again and again. */
  readonly allowed: () => Promise<boolean>;
  /** Called with each gap that the reader is told. */
  readonly onGap: (reason: string) => void;
}

/**
 * One reader: behind, and reading pages of the log as fast as its connection takes them, or live at the tail. A reader
 * that is too slow for the tail falls behind again: what it has not got yet stays in the log, not in memory.
 */
export class Subscription implements LiveReader {
  #position: bigint;
  /** Up to where it was told that something is gone. */
  #told = 0n;
  #fallBehind: (() => void) | undefined;
  #checking = false;
  /** The page behind the one that is sent. */
  #ahead: Promise<LogPage> | undefined;

  constructor(
    private readonly start: Resumption,
    private readonly options: SubscriptionOptions,
  ) {
    this.#position = start.position;
    options.sink.closed.addEventListener('abort', () => this.#fallBehind?.(), { once: true });
  }

  get position(): bigint {
    return this.#position;
  }

  /** Serves the reader until its connection ends. */
  async run(state: FeedState): Promise<void> {
    const { sink, tail } = this.options;
    // What was gone before it came, it has been told, or did not ask for.
    this.#told = highestFloor(state);
    if (this.start.gap) this.#tell(this.start.gap, state);
    while (!sink.closed.aborted) {
      await sink.drained();
      if (sink.closed.aborted) return;
      const frames = tail.behind(this.#position);
      if (frames === undefined) await this.#readPage();
      else if (frames.length > 0) await this.#send(slicesOf(frames));
      else if (sink.ready && tail.join(this)) await this.#live();
      else if (tail.ended) return sink.close('cut-off');
    }
  }

  take(batch: Batch, upTo: bigint): boolean {
    const { sink } = this.options;
    const news = batch.after(this.#position);
    if (news.frames.length > 0) sink.send(news);
    if (upTo > this.#position) this.#position = upTo;
    if (sink.ready) return true;
    this.#fallBehind?.();
    return false;
  }

  beat(cursor: string): void {
    this.options.sink.idle(cursor);
    void this.#check();
  }

  end(reason: CloseReason): void {
    this.options.sink.close(reason);
  }

  /** Resolves when it has fallen behind, or its connection has ended. */
  async #live(): Promise<void> {
    await new Promise<void>((resolve) => (this.#fallBehind = resolve));
    this.#fallBehind = undefined;
    this.options.tail.leave(this);
  }

  async #readPage(): Promise<void> {
    const { tail, sink } = this.options;
    if (!(await this.#check())) return;
    const { state, upTo, batches } = await (this.#ahead ?? tail.page(this.#position));
    this.#ahead = undefined;
    if (state.epoch !== tail.epoch) return sink.close('new-epoch');
    // The tail of this replica may be older than the log: what was dropped meanwhile has to be told here.
    const gap = highestFloor(state) > this.#told && retentionGap(this.#position, state);
    if (gap) this.#tell(gap, state);
    // Read while this page is sent.
    if (upTo < state.head) {
      this.#ahead = tail.page(upTo);
      this.#ahead.catch(() => undefined);
    }
    const whole = await this.#send(batches);
    if (!whole) this.#ahead = undefined;
    else if (upTo > this.#position) this.#position = upTo;
  }

  /** Sends as much as the connection takes; the rest is read again when it wants more. True if that was all. */
  async #send(batches: readonly Batch[]): Promise<boolean> {
    const { sink } = this.options;
    for (const [index, batch] of batches.entries()) {
      sink.send(batch);
      this.#position = batch.frames.at(-1)?.position ?? this.#position;
      if (sink.ready || index + 1 === batches.length) continue;
      if (!(await this.#soonReady()) || sink.closed.aborted) return false;
    }
    return true;
  }

  /** Whether the connection wants more before what was read for it is let go. */
  async #soonReady(): Promise<boolean> {
    const { sink } = this.options;
    const patience = new AbortController();
    await Promise.race([
      sink.drained(),
      setTimeout(patienceMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    return sink.ready;
  }

  #tell(gap: Gap, state: FeedState): void {
    const floor = highestFloor(state);
    if (floor > this.#told) this.#told = floor;
    this.options.sink.gap(gap);
    this.options.onGap(gap.reason);
  }

  async #check(): Promise<boolean> {
    if (this.#checking) return true;
    this.#checking = true;
    try {
      // Whoever cannot be asked now is asked again: the token was good a moment ago.
      if (await this.options.allowed().catch(() => true)) return true;
      this.options.sink.close('not-allowed');
      return false;
    } finally {
      this.#checking = false;
    }
  }
}
