import type { Logger } from '@soma/telemetry';
import { cursorText, type FeedState } from '../core/cursor.js';
import type { NotificationStore, RawNotification, WakeUp } from '../ports.js';
import { Batch, type Frame, framesOf, slicesOf } from './batch.js';

const newsSize = 500;
const pageSize = 2_000;
/** Frames kept for readers that come back: those of a replica that was replaced come all at once. */
const keptFrames = 1_000;
const keptBytes = 4 * 1_048_576;

/** A reader that has seen everything up to its position and gets what follows. */
export interface LiveReader {
  readonly position: bigint;
  /** Takes a batch. Answers false if it has enough for now: it leaves, and reads on from the log. */
  take(batch: Batch, upTo: bigint): boolean;
  /** Told from time to time; may end the reader. */
  beat(cursor: string): void;
  /** The tail has ended: it cannot read the log any more, or the feed has begun another epoch. */
  end(reason: 'cut-off' | 'new-epoch'): void;
}

/** What is behind a position, read from the log in one snapshot. */
export interface LogPage {
  readonly state: FeedState;
  readonly batches: readonly Batch[];
  /** Everything up to here is in it; the head of its snapshot if nothing follows. */
  readonly upTo: bigint;
}

export interface TailOptions {
  readonly squad: string;
  readonly store: NotificationStore;
  readonly wakeUp: WakeUp;
  readonly logger: Logger;
  /** Milliseconds after which it looks without a wake-up. */
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** Milliseconds without an answer of the log after which readers are sent elsewhere. */
  readonly cutOffMs: number;
  /** Called with what goes out to live readers. */
  readonly onRows: (notifications: readonly RawNotification[]) => void;
}

/**
 * The newest end of a squad's feed: one reader of the log for all who are live on this replica. Replay and live join
 * without a seam: who has seen everything up to the tail's position, or has the rest of it from memory, is live.
 */
export class Tail {
  readonly #readers = new Set<LiveReader>();
  readonly #forgetWakeUp: () => void;
  readonly #poll: NodeJS.Timeout;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #pages = new Map<bigint, Promise<LogPage>>();
  /** Newest last; everything behind `#keptFrom`. */
  #kept: Frame[] = [];
  #keptSize = 0;
  #keptFrom: bigint;
  #position: bigint;
  #reading = false;
  #again = false;
  #answeredAt = performance.now();
  #ended: 'cut-off' | 'new-epoch' | 'left' | undefined;

  constructor(
    private readonly state: FeedState,
    private readonly options: TailOptions,
  ) {
    this.#position = this.#keptFrom = state.head;
    this.#forgetWakeUp = options.wakeUp.onWake(() => void this.#read());
    this.#poll = setInterval(() => this.#look(), options.pollMs);
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs);
    // What was stored between the state and the first wake-up.
    void this.#read();
  }

  get epoch(): string {
    return this.state.epoch;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** What is behind a position, from memory; undefined if memory does not reach back to it. */
  behind(position: bigint): readonly Frame[] | undefined {
    if (position >= this.#position) return [];
    return position < this.#keptFrom ? undefined : this.#kept.filter((frame) => frame.position > position);
  }

  /**
   * A page of the log, for readers that memory does not reach back to. Those that ask for the same one at the same time
   * share it: after an outage all of them come back at once, with one cursor.
   */
  page(position: bigint): Promise<LogPage> {
    const present = this.#pages.get(position);
    if (present) return present;
    const reading = this.#readPage(position).finally(() => this.#pages.delete(position));
    this.#pages.set(position, reading);
    return reading;
  }

  /** Makes a reader live; false if there is something behind its position, or the tail has ended. */
  join(reader: LiveReader): boolean {
    // Not its position counts: between that and the tail's there may be nothing but what concerns other squads.
    if (this.#ended || this.behind(reader.position)?.length !== 0) return false;
    this.#readers.add(reader);
    return true;
  }

  leave(reader: LiveReader): void {
    this.#readers.delete(reader);
  }

  /** Ends it, and its readers unless there are none. */
  end(reason: 'cut-off' | 'new-epoch' | 'left'): void {
    if (this.#ended) return;
    this.#ended = reason;
    this.#forgetWakeUp();
    clearInterval(this.#poll);
    clearInterval(this.#heartbeat);
    if (reason !== 'left') for (const reader of [...this.#readers]) reader.end(reason);
    this.#readers.clear();
  }

  async #readPage(position: bigint): Promise<LogPage> {
    const { store, squad } = this.options;
    const { state, upTo, notifications } = await store.rawAfter(squad, position, pageSize);
    return { state, upTo, batches: slicesOf(framesOf(state.epoch, notifications)) };
  }

  #look(): void {
    const { pollMs, cutOffMs } = this.options;
    if (performance.now() - this.#answeredAt > pollMs + cutOffMs) return this.end('cut-off');
    void this.#read();
  }

  async #read(): Promise<void> {
    // A wake-up that comes while a page is read is not slept over.
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again && !this.#ended) {
        this.#again = false;
        await this.#readOnce();
      }
    } catch (error) {
      // Looked at again with the next poll, until readers are better off elsewhere: see #look.
      const { logger, squad } = this.options;
      logger.warn({ err: error, squad }, 'the end of the feed cannot be read');
    } finally {
      this.#reading = false;
    }
  }

  async #readOnce(): Promise<void> {
    const { store, squad } = this.options;
    const { state, upTo, notifications } = await store.rawAfter(squad, this.#position, newsSize);
    this.#answeredAt = performance.now();
    if (this.#ended) return;
    if (state.epoch !== this.epoch) return this.end('new-epoch');
    if (upTo < state.head) this.#again = true;
    if (notifications.length > 0) this.#publish(notifications, upTo);
    this.#position = upTo;
  }

  #publish(notifications: readonly RawNotification[], upTo: bigint): void {
    const frames = framesOf(this.epoch, notifications);
    this.#keep(frames);
    const batch = new Batch(frames);
    for (const reader of this.#readers) {
      if (!reader.take(batch, upTo)) this.#readers.delete(reader);
    }
    this.options.onRows(notifications);
  }

  #keep(frames: readonly Frame[]): void {
    this.#kept.push(...frames);
    for (const { json } of frames) this.#keptSize += json.length;
    let drop = 0;
    while (this.#kept.length - drop > keptFrames || this.#keptSize > keptBytes) {
      const oldest = this.#kept[drop];
      if (!oldest) break;
      this.#keptSize -= oldest.json.length;
      this.#keptFrom = oldest.position;
      drop += 1;
    }
    this.#kept = this.#kept.slice(drop);
  }

  #beat(): void {
    for (const reader of this.#readers) {
      // Who has read a page of the log may be ahead of the tail. A cursor that went back would make rows come twice.
      const seen = reader.position > this.#position ? reader.position : this.#position;
      reader.beat(cursorText(this.epoch, seen));
    }
  }
}
