/**
 * Which records of a batch are done, and how far without a hole: only that far may be committed, though
 * lanes finish out of order.
 */
export class Progress {
  readonly #done: Uint8Array;
  #prefix = 0;
  #committed = 0;

  constructor(readonly size: number) {
    this.#done = new Uint8Array(size);
  }

  done(index: number): void {
    this.#done[index] = 1;
    while (this.#prefix < this.size && this.#done[this.#prefix] === 1) this.#prefix += 1;
  }

  /** Index of the last record up to which everything is done, if that is news since the last call. */
  advance(): number | undefined {
    if (this.#prefix === this.#committed) return undefined;
    this.#committed = this.#prefix;
    return this.#prefix - 1;
  }

  get complete(): boolean {
    return this.#prefix === this.size;
  }
}
