import type { Connection, History, Mark } from './history.js';

/**
 * What can be wrong with what a reader was given:
 *
 * - `lost`: a row that was passed over, or never came, and no gap had declared it.
 * - `undeclared-gap`: the same, and it was a cursor that passed it over: the reader was told that it had seen it.
 * - `twice`: a row at or before the cursor that the connection came with, or a second time on one connection.
 * - `reordered`: a row, or a cursor, that came behind a later one.
 * - `foreign`: a row that is not stored for this reader.
 */
export type FindingKind = 'lost' | 'twice' | 'reordered' | 'foreign' | 'undeclared-gap';

export interface Finding {
  readonly kind: FindingKind;
  /** Of the row, or of the cursor that went back. */
  readonly position: number;
  /** Index of the connection on which it was noticed. */
  readonly connection: number;
}

/** Index of the first position that is greater. */
const behind = (positions: ArrayLike<number>, position: number): number => {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] ?? Infinity) > position) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** The walk of one reader along the rows that are stored for it; places are indices of these. */
class Walk {
  readonly findings: Finding[] = [];
  /** Rows that were passed over and have not come since. */
  readonly #missing = new Map<number, Finding>();
  /** Rows that were passed over within a gap that had been declared. */
  readonly #excused = new Set<number>();
  readonly #declared: { readonly from: number; readonly to: number }[] = [];
  /** Everything before it has come, or was noticed. */
  #reached: number;
  #acknowledged: number;
  /** Where the service has been seen to let a named consumer begin: it may not go further back. */
  #remembered: number;

  constructor(
    private readonly stored: ArrayLike<number>,
    begins: number,
  ) {
    this.#reached = this.#remembered = behind(stored, begins);
    this.#acknowledged = begins;
  }

  connection(index: number, { after, received, marks }: Connection): void {
    let next = this.#begin(index, after, received);
    let told = after ?? 0;
    let mark = 0;
    const hear = (one: Mark): void => {
      if (one.kind === 'ack') this.#acknowledged = Math.max(this.#acknowledged, one.position);
      else if (one.kind === 'gap') this.#declared.push(one);
      else {
        if (one.position < told) this.#note('reordered', one.position, index);
        const place = behind(this.stored, one.position);
        this.#passOver(next, place, 'undeclared-gap', index);
        [next, told] = [Math.max(next, place), Math.max(told, one.position)];
      }
    };
    for (let at = 0; at < received.length; at += 1) {
      for (let one = marks[mark]; one && one.at <= at; one = marks[(mark += 1)]) hear(one);
      const position = received[at] ?? NaN;
      const place = this.#placeOf(position);
      if (place === undefined) this.#note('foreign', position, index);
      else if (place < next) this.#late(place, position, index);
      else {
        this.#passOver(next, place, 'lost', index);
        if (this.#missing.has(place)) this.#late(place, position, index);
        this.#excused.delete(place);
        [next, told] = [place + 1, position];
        this.#reached = Math.max(this.#reached, next);
      }
    }
    for (const one of marks.slice(mark)) hear(one);
  }

  /** What never came is lost. */
  end(lastConnection: number): void {
    this.#passOver(this.#reached, this.stored.length, 'lost', lastConnection);
    this.findings.push(...this.#missing.values());
  }

  /** Where a connection begins: the first row that it owes. */
  #begin(index: number, after: number | undefined, received: ArrayLike<number>): number {
    if (after !== undefined) {
      const place = behind(this.stored, after);
      // Nobody gave it that cursor: what is before it, nobody gave it either.
      this.#passOver(this.#reached, place, 'lost', index);
      return place;
    }
    // Behind what it has acknowledged, or further back: an acknowledgement is lost with the replica that had it.
    const most = behind(this.stored, this.#acknowledged);
    let first: number | undefined;
    for (let at = 0; at < received.length; at += 1) {
      const place = this.#placeOf(received[at]);
      if (place !== undefined) first = Math.min(first ?? most, place);
    }
    if (first === undefined) return most;
    this.#remembered = Math.max(this.#remembered, first);
    return this.#remembered;
  }

  #placeOf(position = NaN): number | undefined {
    const place = behind(this.stored, position) - 1;
    return this.stored[place] === position ? place : undefined;
  }

  #passOver(from: number, to: number, kind: FindingKind, connection: number): void {
    // What was there already and is only due again is nobody's loss.
    for (let place = Math.max(from, this.#reached); place < to; place += 1) {
      const position = this.stored[place] ?? NaN;
      if (this.#declared.some((gap) => gap.from < position && position <= gap.to)) this.#excused.add(place);
      else this.#missing.set(place, { kind, position, connection });
    }
    this.#reached = Math.max(this.#reached, to);
  }

  #late(place: number, position: number, connection: number): void {
    const passed = this.#missing.delete(place) || this.#excused.delete(place);
    this.#note(passed ? 'reordered' : 'twice', position, connection);
  }

  #note(kind: FindingKind, position: number, connection: number): void {
    this.findings.push({ kind, position, connection });
  }
}

/**
 * Compares what a reader was given with what is stored for it, ascending: each row once, in order, behind the cursor that
 * the reader came with, and nothing missing that no gap had declared. A named consumer, which comes without a cursor, may
 * get again what it had not acknowledged. Complete: a history without findings has the rows that are stored, as a set and
 * in their order.
 */
export const check = (stored: ArrayLike<number>, { begins, connections }: History): Finding[] => {
  const walk = new Walk(stored, begins);
  connections.forEach((connection, index) => walk.connection(index, connection));
  walk.end(Math.max(connections.length - 1, 0));
  return walk.findings;
};
