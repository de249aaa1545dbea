import type { EventEmitter } from 'node:events';

/** Bytes that may wait for a reader; beyond, it is read for again when they have left. */
const highWaterBytes = 256 * 1_024;
/** A reader that takes nothing for this long is not there any more, or holds memory on purpose. */
const stalledMs = 60_000;
/** How long a client may take for the last bytes of a stream that has ended: it comes back with its cursor anyway. */
const lastBytesMs = 1_000;

interface Writable extends EventEmitter {
  destroy(): unknown;
}

/** What every kind of reader's connection does alike: it says how much waits, when that has left, and when it has ended. */
export abstract class Connection {
  readonly #ending = new AbortController();
  #wake: (() => void) | undefined;
  #draining: Promise<void> | undefined;

  constructor(
    private readonly writable: Writable,
    private readonly waiting: () => number,
  ) {
    writable.on('drain', () => this.wake());
    writable.on('close', () => {
      this.#ending.abort();
      this.wake();
    });
  }

  get closed(): AbortSignal {
    return this.#ending.signal;
  }

  get ready(): boolean {
    return this.waiting() < highWaterBytes;
  }

  /** Resolves when it is ready, has ended, or is given up because it takes nothing. */
  drained(): Promise<void> {
    if (this.ready || this.closed.aborted) return Promise.resolve();
    return (this.#draining ??= this.#drain());
  }

  async #drain(): Promise<void> {
    let stalled: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      stalled = setTimeout(() => this.writable.destroy(), stalledMs);
    });
    clearTimeout(stalled);
    this.#wake = this.#draining = undefined;
  }

  /** Looks again whether it is ready. */
  protected wake(): void {
    if (this.ready || this.closed.aborted) this.#wake?.();
  }

  /** Cuts the connection if the other side does not end it. */
  protected endSoon(): void {
    const timer = setTimeout(() => this.writable.destroy(), lastBytesMs);
    this.writable.on('close', () => clearTimeout(timer));
  }
}
