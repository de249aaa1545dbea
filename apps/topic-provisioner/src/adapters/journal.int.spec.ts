import { createTestJournal, type TestJournal } from '../../test/test-journal.js';
import type { Change } from '../core/types.js';
import { ApplyTakenOver } from './journal.js';

/** More than one statement takes, and no multiple of it. */
const many = 2_345;
const clusterId = 'cluster';

const grant = (index: number): Change => ({
  part: 'acls',
  resource: `right ${index}`,
  field: 'acl',
  before: null,
  after: 'granted',
  class: 'create',
  reason: 'a spec',
  mutation: { kind: 'none' },
});

const changes = Array.from({ length: many }, (_, index) => grant(index));
const chosen = changes.filter((_, index) => index % 2 === 1);
const plan = { plan: { clusterId, changes }, environment: 'local', request: {}, by: 'spec' };

let tested: TestJournal;
beforeEach(async () => (tested = await createTestJournal()));
afterEach(() => tested.drop());

it('gives every change of a large plan its place', async () => {
  const run = await tested.journal.begin(plan, chosen);
  const [resumed] = await tested.journal.takeOver(clusterId, 'spec');
  expect(resumed?.items).toEqual(run.items);
  expect(run.items.map(({ position, change }) => [position, change])).toEqual(
    chosen.map((change) => [changes.indexOf(change), change]),
  );
  const { rows } = await tested.postgres.query<{ state: string; count: number }>(
    'SELECT state, count(*)::integer FROM plan_item GROUP BY state ORDER BY state',
  );
  expect(rows).toEqual([
    { state: 'left', count: many - chosen.length },
    { state: 'pending', count: chosen.length },
  ]);
});

it('writes what is told to the items that it is about, and to no others', async () => {
  const run = await tested.journal.begin(plan, chosen);
  const some = chosen.slice(100, 400);
  await run.started(some);
  await run.ended(some.slice(0, 200).map((change) => ({ change, outcome: { ok: true } })));
  const [resumed] = await tested.journal.takeOver(clusterId, 'spec');
  const inState = (wanted: string) =>
    resumed?.items.filter(({ state }) => state === wanted).map(({ change }) => change.resource);
  expect(inState('done')).toEqual(some.slice(0, 200).map(({ resource }) => resource));
  expect(inState('started')).toEqual(some.slice(200).map(({ resource }) => resource));
  expect(inState('pending')).toHaveLength(chosen.length - some.length);
  await expect(run.started(some)).rejects.toThrow(ApplyTakenOver);
});
