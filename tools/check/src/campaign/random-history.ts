import { type History, Recorder } from './history.js';

/** A number from 0 up to 1, without 1. */
export type Random = () => number;

/** One thing that happens on a connection; a row, or what a mark says. */
export type Step =
  | { readonly kind: 'row'; readonly position: number }
  | { readonly kind: 'cursor'; readonly position: number }
  | { readonly kind: 'gap'; readonly from: number; readonly to: number }
  | { readonly kind: 'ack'; readonly position: number };

/** A history whose steps can still be changed. */
export interface Script {
  /** Rows that are stored for the reader. */
  readonly stored: readonly number[];
  /** Rows that are stored for others. */
  readonly foreign: readonly number[];
  /** Rows that a declared gap leaves out. */
  readonly declared: ReadonlySet<number>;
  readonly begins: number;
  readonly named: boolean;
  readonly connections: { after: number | undefined; steps: Step[] }[];
}

/** A deterministic source of randomness (mulberry32). */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** A whole number from `least` up to `most`, both included. */
export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

/** What a correct service and a correct reader do, with every freedom that they have. */
export const cleanScript = (random: Random, named: boolean): Script => {
  const all = Array.from({ length: between(random, 40, 400) }, () => between(random, 1, 4));
  const stored: number[] = [];
  const foreign: number[] = [];
  let head = between(random, 1, 1_000) * 2 ** 30;
  const begins = head;
  for (const step of all) {
    head += step;
    (random() < 0.7 ? stored : foreign).push(head);
  }
  stored.push((head += 1));
  const declared = new Set<number>();
  const connections: Script['connections'] = [];
  let [cursor, acknowledged, remembered] = [begins, begins, begins];
  while (cursor < head) {
    // A named consumer's last acknowledgements may not have been stored, and never go back.
    const candidates = [begins, ...stored].filter((one) => one >= remembered && one <= acknowledged);
    remembered = candidates[between(random, 0, candidates.length - 1)] ?? acknowledged;
    // Now and then a reader comes with an older cursor of its own.
    const older = random() < 0.2 ? Math.max(begins, cursor - between(random, 0, 20)) : cursor;
    const from = named ? remembered : older;
    const steps: Step[] = [];
    const due = stored.filter((one) => one > from);
    let place = from;
    const rows = between(random, 0, 60);
    for (let row = 0; row < rows && row < due.length; row += 1) {
      let position = due[row] ?? head;
      if (random() < 0.02 && row + 3 < due.length && position > cursor) {
        const to = due[row + 2] ?? position;
        steps.push({ kind: 'gap', from: place, to });
        for (const gone of due.slice(row, row + 3)) declared.add(gone);
        row += 3;
        position = due[row] ?? head;
      } else if (declared.has(position)) {
        continue;
      }
      steps.push({ kind: 'row', position });
      place = position;
      if (named && random() < 0.2) {
        steps.push({ kind: 'ack', position: place });
        acknowledged = Math.max(acknowledged, place);
      }
      const idle = (due[row + 1] ?? head + 1) - 1;
      if (random() < 0.1 && idle >= place) steps.push({ kind: 'cursor', position: (place = idle) });
    }
    cursor = named ? Math.max(cursor, place) : place;
    connections.push({ after: named ? undefined : from, steps });
  }
  return { stored, foreign, declared, begins, named, connections };
};

/** The script as a reader would have written it down. */
export const play = ({ begins, connections }: Script): History => ({
  begins,
  connections: connections.map(({ after, steps }) => {
    const recorder = new Recorder(after);
    for (const step of steps) {
      if (step.kind === 'row') recorder.row(step.position);
      else if (step.kind === 'gap') recorder.gap(step.from, step.to);
      else if (step.kind === 'ack') recorder.ack(step.position);
      else recorder.cursor(step.position);
    }
    return recorder;
  }),
});
