import { once } from 'node:events';
import type { Gap } from '../src/core/cursor.js';
import type { Batch, Frame } from '../src/streams/batch.js';
import type { CloseReason, Sink } from '../src/streams/sink.js';

/** A reader in this process: keeps what it gets, and takes more only while `open`. */
export class Reader implements Sink {
  readonly frames: Frame[] = [];
  readonly told: (Gap | CloseReason)[] = [];
  readonly idles: string[] = [];
  /** Most frames that were sent while it wanted no more. */
  unwanted = 0;
  #open = true;
  #drained: () => void = () => undefined;
  readonly #ending = new AbortController();

  get ready(): boolean {
    return this.#open;
  }

  get closed(): AbortSignal {
    return this.#ending.signal;
  }

  get positions(): string[] {
    return this.frames.map(({ position }) => `${position}`);
  }

  set open(open: boolean) {
    this.#open = open;
    if (open) this.#drained();
  }

  async drained(): Promise<void> {
    if (this.#open || this.closed.aborted) return;
    await Promise.race([
      new Promise<void>((resolve) => (this.#drained = resolve)),
      once(this.closed, 'abort'),
    ]);
  }

  send(batch: Batch): void {
    if (!this.#open) this.unwanted += batch.frames.length;
    this.frames.push(...batch.frames);
  }

  gap(gap: Gap): void {
    this.told.push(gap);
  }

  idle(cursor: string): void {
    this.idles.push(cursor);
  }

  close(reason: CloseReason): void {
    if (!this.closed.aborted) this.told.push(reason);
    this.leave();
  }

  /** Ends the connection from the reader's side. */
  leave(): void {
    this.#ending.abort();
  }
}
