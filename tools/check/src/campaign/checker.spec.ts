import fc from 'fast-check';
import { check, type FindingKind } from './checker.js';
import { Recorder } from './history.js';
import {
  between,
  cleanScript,
  play,
  type Random,
  randomFrom,
  type Script,
  type Step,
} from './random-history.js';

const stored = [10, 20, 30, 40, 50];
const run = (...connections: Recorder[]) => check(stored, { begins: 5, connections });
const to = (after: number | undefined, ...rows: number[]): Recorder =>
  rows.reduce((recorder, row) => recorder.row(row), new Recorder(after));

/** Rows that may be planted upon, as `[connection, step]`: they come once in the whole history, and are no gap's. */
const rowsOf = ({ connections, declared }: Script): [number, number][] => {
  const times = new Map<number, number>();
  const each = (visit: (step: Step, connection: number, index: number) => void): void =>
    connections.forEach(({ steps }, connection) =>
      steps.forEach((step, index) => visit(step, connection, index)),
    );
  each((step) => step.kind === 'row' && times.set(step.position, (times.get(step.position) ?? 0) + 1));
  const places: [number, number][] = [];
  each((step, connection, index) => {
    if (step.kind === 'row' && times.get(step.position) === 1 && !declared.has(step.position))
      places.push([connection, index]);
  });
  return places;
};

const pick = <T>(random: Random, from: readonly T[]): T => from[between(random, 0, from.length - 1)] as T;
const isRow = (step: Step | undefined): step is Step & { kind: 'row' } => step?.kind === 'row';

/** Plants one anomaly at a random place, and answers where; undefined if this script has no place for it. */
const plants: Record<FindingKind, (script: Script, random: Random) => number | undefined> = {
  lost: (script, random) => {
    // What comes next says which of the two it is: a row passes it over, or a cursor.
    const places = rowsOf(script).filter(([connection, index]) => {
      const { steps } = script.connections[connection] ?? { steps: [] };
      return isRow(steps[index + 1]) && !steps.slice(0, index).some(({ kind }) => kind === 'gap');
    });
    if (places.length === 0) return undefined;
    const [connection, index] = pick(random, places);
    const [gone] = script.connections[connection]?.steps.splice(index, 1) ?? [];
    return isRow(gone) ? gone.position : undefined;
  },
  twice: (script, random) => {
    const [connection, index] = pick(random, rowsOf(script));
    const steps = script.connections[connection]?.steps ?? [];
    const again = steps[index];
    if (!isRow(again)) return undefined;
    steps.splice(between(random, index + 1, steps.length), 0, again);
    return again.position;
  },
  reordered: (script, random) => {
    const places = rowsOf(script).filter(([connection, index]) =>
      isRow(script.connections[connection]?.steps[index + 1]),
    );
    if (places.length === 0) return undefined;
    const [connection, index] = pick(random, places);
    const steps = script.connections[connection]?.steps ?? [];
    const [first, second] = [steps[index], steps[index + 1]];
    if (!isRow(first) || !isRow(second)) return undefined;
    steps.splice(index, 2, second, first);
    return first.position;
  },
  foreign: (script, random) => {
    const position = pick(random, script.foreign);
    const { steps } = pick(random, script.connections);
    steps.splice(between(random, 0, steps.length), 0, { kind: 'row', position });
    return position;
  },
  'undeclared-gap': (script, random) => {
    const [connection, index] = pick(random, rowsOf(script));
    const steps = script.connections[connection]?.steps ?? [];
    const gone = steps[index];
    if (!isRow(gone)) return undefined;
    steps.splice(index, 1, { kind: 'cursor', position: gone.position });
    return gone.position;
  },
};

const runs = 300;
const seeds = fc.tuple(fc.integer(), fc.boolean());

describe('the checker of the campaign', () => {
  it('takes 300 random clean histories for clean', () => {
    fc.assert(
      fc.property(seeds, ([seed, named]) => {
        const script = cleanScript(randomFrom(seed), named);
        expect(check(script.stored, play(script))).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it.each(Object.keys(plants) as FindingKind[])('finds every planted anomaly: %s', (kind) => {
    let planted = 0;
    fc.assert(
      fc.property(seeds, ([seed, named]) => {
        const random = randomFrom(seed);
        const script = cleanScript(random, named);
        const position = plants[kind](script, random);
        if (position === undefined) return;
        planted += 1;
        const found = check(script.stored, play(script));
        expect(found).toContainEqual(expect.objectContaining({ kind, position }));
        expect(found.filter((one) => one.position !== position)).toEqual([]);
      }),
      { numRuns: runs },
    );
    expect(planted).toBeGreaterThan(runs * 0.9);
  });

  it('is complete: whatever a history looks like, without findings its rows are those stored, in order', () => {
    const position = fc.integer({ min: 0, max: 12 });
    const connection = fc.record({
      after: fc.option(position, { nil: undefined }),
      steps: fc.array(
        fc.oneof(
          { weight: 6, arbitrary: position.map((at): Step => ({ kind: 'row', position: at })) },
          { weight: 1, arbitrary: position.map((at): Step => ({ kind: 'cursor', position: at })) },
          { weight: 1, arbitrary: position.map((at): Step => ({ kind: 'ack', position: at })) },
        ),
      ),
    });
    // Short logs, so that many histories are right by chance.
    const log = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 3 });
    let clean = 0;
    fc.assert(
      fc.property(log, fc.array(connection, { maxLength: 3 }), (rows, connections) => {
        const ascending = rows.toSorted((a, b) => a - b);
        const history = play({ ...blank, stored: ascending, connections });
        if (check(ascending, history).length > 0) return;
        clean += 1;
        const received = history.connections.flatMap((one) => Array.from(one.received));
        expect([...new Set(received)]).toEqual(ascending);
      }),
      { numRuns: 20_000 },
    );
    expect(clean).toBeGreaterThan(100);
  });

  it('lets a reader have again what it asks for again, and a named consumer what it did not acknowledge', () => {
    expect(run(to(5, 10, 20, 30), to(20, 30, 40, 50))).toEqual([]);
    expect(run(to(undefined, 10, 20).ack(10).row(30), to(undefined, 20, 30, 40, 50))).toEqual([]);
    // Its acknowledgement was lost with the replica that had it.
    expect(run(to(undefined, 10, 20).ack(20), to(undefined, 10, 20, 30, 40, 50))).toEqual([]);
  });

  it('finds a row that comes again behind the cursor of the next connection', () => {
    expect(run(to(5, 10, 20), to(20, 20, 30, 40, 50))).toEqual([
      { kind: 'twice', position: 20, connection: 1 },
    ]);
  });

  it('finds what the next connection begins too late for', () => {
    const lost = { kind: 'lost', position: 30, connection: 1 };
    expect(run(to(5, 10, 20), to(20, 40, 50))).toEqual([lost]);
    expect(run(to(5, 10, 20), to(30, 40, 50))).toEqual([lost]);
    expect(run(to(undefined, 10, 20).ack(20).row(30), to(undefined, 40, 50).ack(50))).toEqual([]);
    expect(run(to(undefined, 10, 20).ack(20), to(undefined, 40, 50))).toEqual([lost]);
  });

  it('finds a named consumer that is sent back behind where it was let begin', () => {
    const first = to(undefined, 10, 20).ack(20);
    expect(run(first, to(undefined, 30).ack(30), to(undefined, 20, 30, 40, 50))).toEqual([
      { kind: 'twice', position: 20, connection: 2 },
    ]);
  });

  it('finds a cursor that jumps ahead, one that goes back, and the end that never came', () => {
    expect(run(to(5, 10).cursor(35).row(40).row(50))).toEqual([
      { kind: 'undeclared-gap', position: 20, connection: 0 },
      { kind: 'undeclared-gap', position: 30, connection: 0 },
    ]);
    expect(run(to(5, 10, 20).cursor(15).row(30).row(40).row(50))).toEqual([
      { kind: 'reordered', position: 15, connection: 0 },
    ]);
    expect(run(to(5, 10, 20, 30, 40))).toEqual([{ kind: 'lost', position: 50, connection: 0 }]);
    expect(check(stored, { begins: 45, connections: [] })).toEqual([
      { kind: 'lost', position: 50, connection: 0 },
    ]);
  });

  it('excuses what a gap has declared, and only from then on', () => {
    expect(run(new Recorder(5).gap(5, 30).row(40).row(50))).toEqual([]);
    expect(run(new Recorder(5).gap(5, 30).row(20).row(40).row(50))).toEqual([]);
    expect(run(to(5, 40).gap(5, 30).row(50))).toMatchObject([
      { kind: 'lost', position: 10 },
      { kind: 'lost', position: 20 },
      { kind: 'lost', position: 30 },
    ]);
  });
});

const blank: Script = {
  stored: [],
  foreign: [],
  declared: new Set(),
  begins: 0,
  named: false,
  connections: [],
};
