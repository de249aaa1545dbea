/** What a reader was told between two rows; `at` is how many rows of its connection had come before. */
export type Mark =
  /** Its cursor, where that is not the position of the row in front. */
  | { readonly at: number; readonly kind: 'cursor'; readonly position: number }
  /** What is between two positions, the second one included, may be missing. */
  | { readonly at: number; readonly kind: 'gap'; readonly from: number; readonly to: number }
  /** The reader has acknowledged everything up to here. */
  | { readonly at: number; readonly kind: 'ack'; readonly position: number };

/** One connection of a reader, or one answer to it. Positions are below 2^53. */
export interface Connection {
  /** Position of the cursor it came with; undefined for a named consumer, whose place the service knows. */
  readonly after: number | undefined;
  /** Positions of the rows, as they came. */
  readonly received: ArrayLike<number>;
  /** In their order. */
  readonly marks: readonly Mark[];
}

/** Everything that happened to one reader. */
export interface History {
  /** Behind this position it wants everything. */
  readonly begins: number;
  /** In their order. */
  readonly connections: readonly Connection[];
}

const firstSize = 64;

/** A connection that is being written down; eight bytes a row. */
export class Recorder implements Connection {
  readonly marks: Mark[] = [];
  #rows = new Float64Array(firstSize);
  #count = 0;

  constructor(readonly after: number | undefined) {}

  get received(): Float64Array {
    return this.#rows.subarray(0, this.#count);
  }

  row(position: number): this {
    if (this.#count === this.#rows.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows[this.#count] = position;
    this.#count += 1;
    return this;
  }

  cursor(position: number): this {
    this.marks.push({ at: this.#count, kind: 'cursor', position });
    return this;
  }

  gap(from: number, to: number): this {
    this.marks.push({ at: this.#count, kind: 'gap', from, to });
    return this;
  }

  ack(position: number): this {
    this.marks.push({ at: this.#count, kind: 'ack', position });
    return this;
  }
}
