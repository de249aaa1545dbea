import fc from 'fast-check';
import type { DesiredTopic } from '@soma/contracts';
import { batches } from './batches.js';
import type { Change, Mutation } from './types.js';

const change = (mutation: Mutation, resource: string): Change => ({
  part: 'topics',
  resource,
  field: 'x',
  before: null,
  after: null,
  class: 'create',
  reason: 'drawn',
  mutation,
});

const topic = (name: string, partitions: number): DesiredTopic => ({
  name,
  owner: 'infra-ops',
  partitions,
  replicationFactor: 3,
  config: {},
  strict: false,
  role: { kind: 'events' },
});

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc
    .integer({ min: 1, max: 12_000 })
    .map((count): Mutation => ({ kind: 'create-topic', topic: topic('t', count) })),
  fc
    .integer({ min: 1, max: 12_000 })
    .map((count): Mutation => ({ kind: 'add-partitions', topic: 't', count })),
  fc.constant<Mutation>({ kind: 'set-level', subject: 's', level: 'FULL' }),
  fc.constant<Mutation>({ kind: 'delete-topic', topic: 't' }),
  fc.constant<Mutation>({ kind: 'set-config', topic: 't', config: 'c', value: '1' }),
);

const partitions = ({ mutation: what }: Change): number =>
  what.kind === 'create-topic' ? what.topic.partitions : what.kind === 'add-partitions' ? what.count : 0;

it('asks for at most 10,000 partitions at once, for each change once, and takes away last', () => {
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 60 }), (mutations) => {
      const changes = mutations.map((one, index) => change(one, `r${index}`));
      const made = batches(changes);
      const sent = made.flatMap((batch) => batch.changes);
      expect(sent.toSorted((a, b) => changes.indexOf(a) - changes.indexOf(b))).toEqual(changes);
      for (const { kind, changes: some } of made) {
        expect(new Set(some.map(({ mutation: what }) => what.kind))).toEqual(new Set([kind]));
        const asked = some.reduce((sum, one) => sum + partitions(one), 0);
        // One topic that is too large by itself goes alone: the broker says so of it, and of nothing else.
        if (some.length > 1) expect(asked).toBeLessThanOrEqual(10_000);
      }
      const kinds = made.map(({ kind }) => kind);
      const deletion = kinds.indexOf('delete-topic');
      if (deletion !== -1) expect(new Set(kinds.slice(deletion))).toEqual(new Set(['delete-topic']));
    }),
  );
});

it('divides many changes into requests of a bounded size', () => {
  const many = Array.from({ length: 4_500 }, (_, index) =>
    change({ kind: 'create-topic', topic: topic(`t${index}`, 1) }, `t${index}`),
  );
  expect(batches(many).map(({ changes }) => changes.length)).toEqual([2_000, 2_000, 500]);
});
