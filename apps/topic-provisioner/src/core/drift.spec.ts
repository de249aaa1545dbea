import fc from 'fast-check';
import { countByClass, type Drift, driftNews, type KnownDrift } from './drift.js';
import { changeClasses, type Change, changeId } from './types.js';

const change = fc
  .record({
    resource: fc.constantFrom('a', 'b', 'c'),
    field: fc.constantFrom('retention.ms', 'partitions'),
    before: fc.constantFrom(null, '1', '2'),
    after: fc.constantFrom(null, '1', '2'),
    class: fc.constantFrom(...changeClasses),
    owner: fc.constantFrom(undefined, 'slm-execution' as const),
  })
  .map(({ owner, ...rest }): Change => ({
    part: 'topics',
    reason: 'a rule',
    mutation: { kind: 'none' },
    ...rest,
    ...(owner && { owner }),
  }));

const plans = fc.uniqueArray(change, { selector: changeId });

/** What a database holds after the news were written to it. */
const after = (known: readonly KnownDrift[], changes: readonly Change[]): KnownDrift[] => {
  const { appeared, changed, resolved } = driftNews(known, changes);
  const over = new Set([...resolved, ...changed.map(({ was }) => was)].map(({ id }) => id));
  const fresh = [...appeared, ...changed.map(({ is }) => is)];
  const kept = known.filter(({ id }) => !over.has(id));
  return [
    ...kept,
    ...fresh.map((drift, index) => ({ ...drift, id: `${kept.length}/${index}/${over.size}` })),
  ];
};

const none = { appeared: [], changed: [], resolved: [] };
const says = ({ resource, field, before, after: to, class: kind }: Drift | Change) =>
  [resource, field, before, to, kind].join();

describe('driftNews', () => {
  it('says everything once: a second look at the same is no news', () => {
    fc.assert(
      fc.property(plans, plans, (first, second) => {
        const known = after(after([], first), second);
        expect(known.map(says).toSorted()).toEqual(second.map(says).toSorted());
        expect(driftNews(known, second)).toEqual(none);
      }),
    );
  });

  it('resolves what is over, and nothing else', () => {
    fc.assert(
      fc.property(plans, plans, (first, second) => {
        const { resolved } = driftNews(after([], first), second);
        const left = new Set(second.map(changeId));
        const over = first.map(changeId).filter((id) => !left.has(id));
        expect(resolved.map(changeId).toSorted()).toEqual(over.toSorted());
      }),
    );
  });

  it('takes another value or class for another drift, and another reason for the same', () => {
    const one: Change = {
      part: 'topics',
      resource: 'a',
      field: 'retention.ms',
      before: '1',
      after: '2',
      class: 'safe',
      reason: 'a rule',
      owner: 'slm-execution',
      mutation: { kind: 'none' },
    };
    const known = after([], [one]);
    expect(driftNews(known, [{ ...one, reason: 'another rule' }])).toEqual(none);
    for (const other of [{ before: '3' }, { after: '3' }, { class: 'unsafe' as const }]) {
      const { appeared, changed, resolved } = driftNews(known, [{ ...one, ...other }]);
      expect([appeared, resolved]).toEqual([[], []]);
      expect(changed).toMatchObject([{ was: { id: '0/0/0' }, is: other }]);
    }
  });

  it('tells infra-ops of what no squad owns', () => {
    fc.assert(
      fc.property(plans, (changes) => {
        const owners = driftNews([], changes).appeared.map(({ owner }) => owner);
        expect(owners).toEqual(changes.map(({ owner }) => owner ?? 'infra-ops'));
      }),
    );
  });
});

it('counts by class, and leaves out what does not occur', () => {
  expect(countByClass([])).toEqual({});
  expect(countByClass([{ class: 'safe' }, { class: 'create' }, { class: 'safe' }])).toEqual({
    safe: 2,
    create: 1,
  });
});
