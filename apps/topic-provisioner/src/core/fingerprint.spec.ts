import fc from 'fast-check';
import { actual, desired } from '../../test/states.js';
import { fingerprint, moved } from './fingerprint.js';
import { plan } from './plan.js';
import type { Plan } from './types.js';

const plans: fc.Arbitrary<Plan> = fc.tuple(desired, actual).map(([wanted, seen]) => plan(wanted, seen));

it('is the same for the same plan, also when it was written to a file in between', () => {
  fc.assert(
    fc.property(plans, (made) => {
      const read = JSON.parse(JSON.stringify(made)) as Plan;
      expect(fingerprint(read)).toBe(fingerprint(made));
      expect(moved(read, made)).toEqual([]);
    }),
  );
});

it('tells two plans apart exactly when it can say what moved', () => {
  fc.assert(
    fc.property(plans, plans, (one, other) => {
      const ordered = (of: Plan) => JSON.stringify(of.changes.map(({ touches: _, ...change }) => change));
      fc.pre(ordered(one) !== ordered(other));
      expect(moved(one, other)).not.toEqual([]);
    }),
  );
});

it('does not mind that records came in, and minds everything else', () => {
  const change = {
    part: 'topics',
    resource: 'orders',
    field: 'topic',
    before: '7 messages, 700 bytes',
    after: null,
    class: 'destructive',
    reason: 'it was named',
    touches: { messages: 7, bytes: 700, groups: [] },
    mutation: { kind: 'delete-topic', topic: 'orders' },
  } as const;
  const of = (more: object, clusterId = 'c'): Plan => ({ clusterId, changes: [{ ...change, ...more }] });
  const grown = of({ before: '8 messages, 800 bytes', touches: { messages: 8, bytes: 800, groups: [] } });
  expect(fingerprint(grown)).toBe(fingerprint(of({})));
  for (const other of [of({ refused: 'consumers are attached' }), of({ class: 'unsafe' }), of({}, 'd')]) {
    expect(fingerprint(other)).not.toBe(fingerprint(of({})));
    expect(moved(of({}), other)).toHaveLength(1);
  }
});
