import fc from 'fast-check';
import {
  type Catalogue,
  compatibilityLevels,
  overlaySchema,
  quotaNames,
  topicSpecSchema,
} from '@soma/contracts';
import { createAdmin, type KafkaSettings, SchemaRegistry } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { field, orderSchema } from '../test/catalogue.js';
import { removeAll } from '../test/remove-all.js';
import { createTestJournal, type TestJournal } from '../test/test-journal.js';
import { Applier } from './apply.js';
import { select } from './core/select.js';
import { type Change, changeClasses, changeId, planParts } from './core/types.js';
import { Provisioner } from './provisioner.js';

const { kafka: cluster, registry: registrySettings } = testConnection(platform());
const admin = createAdmin(cluster, 'properties-spec');
const registry = new SchemaRegistry(registrySettings);
const names = ['a.one', 'b.two', 'c.three'];
const services = ['meter', 'gateway'];
const squad = 'infra-ops';

let tested: TestJournal;
beforeAll(async () => {
  tested = await createTestJournal();
});
afterAll(async () => {
  await admin.close();
  await tested.drop();
});

const config = fc.record(
  {
    'cleanup.policy': fc.constantFrom('delete', 'compact', 'compact,delete'),
    'retention.ms': fc.constantFrom('-1', '100000', '86400000', '604800000'),
    'min.insync.replicas': fc.constantFrom('1', '2'),
    'unclean.leader.election.enable': fc.constantFrom('true', 'false'),
    'compression.type': fc.constantFrom('producer', 'zstd'),
    'max.message.bytes': fc.constantFrom('1048588', '2000000'),
  },
  { requiredKeys: [] },
);

const schemas = [
  orderSchema(),
  orderSchema(field('note', { default: '' })),
  orderSchema(field('note', { default: '' }), field('more', { default: '' })),
  orderSchema(field('wanted')),
];

const topic = (name: string) =>
  fc
    .record({
      partitions: fc.integer({ min: 1, max: 4 }),
      replicationFactor: fc.constantFrom(1, 3),
      config,
      strict: fc.boolean(),
      // Apicurio keeps no NONE of a subject's own: what is in force then is the registry's default.
      compatibility: fc.constantFrom(...compatibilityLevels.filter((level) => level !== 'NONE')),
      schema: fc.constantFrom(...schemas),
      writers: fc.subarray(services),
      readers: fc.subarray(services),
    })
    .map(({ compatibility, schema, writers, readers, ...shape }) => ({
      spec: topicSpecSchema.parse({
        topic: name,
        owner: squad,
        description: name,
        ...shape,
        schema: { file: `${name}.avsc`, compatibility },
        classification: { level: 'internal' },
        producers: writers.map((service) => ({ service, squad, transactionalId: service })),
        consumers: readers.map((service) => ({ service, squad })),
      }),
      schema,
    }));

const catalogue = (user: string): fc.Arbitrary<Catalogue> =>
  fc
    .record({
      topics: fc.subarray(names).chain((some) => fc.tuple(...some.map(topic))),
      quotas: fc.dictionary(fc.constantFrom(...quotaNames), fc.integer({ min: 1000, max: 1100 }), {
        maxKeys: 2,
      }),
    })
    .map(({ topics, quotas }) => ({
      topics,
      overlays: {
        local: overlaySchema.parse({
          environment: 'local',
          description: 'Drawn.',
          kafka: { tls: false },
          quotas: { [user]: quotas },
        }),
      },
    }));

const cleanUp = async (prefix: string, user: string): Promise<void> => {
  await removeAll(admin, registry, (name) => name.startsWith(prefix));
  const values = Object.fromEntries(quotaNames.map((name) => [name, null]));
  await admin.alterQuotas([{ user, values }]);
};

const ids = (changes: readonly Change[]): string[] => changes.map(changeId).toSorted();

it('applied and planned again on the real cluster: nothing left of what was allowed, all of what was not', async () => {
  const user = uniqueName('quota');
  const selection = fc.record({
    allow: fc.subarray([...changeClasses]),
    only: fc.option(fc.subarray([...planParts], { minLength: 1 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(catalogue(user), catalogue(user), selection, async (there, wanted, { allow, only }) => {
      const prefix = `${uniqueName('property')}.`;
      const kafka: KafkaSettings = { ...cluster, topicPrefix: prefix };
      const of = (declared: Catalogue) =>
        new Provisioner({ kafka, registry: registrySettings, catalogue: declared, environment: 'local' });
      const [first, second] = [of(there), of(wanted)];
      try {
        // A state of the cluster: what another catalogue made, and a topic that nobody declares.
        const everything = { allow: [...changeClasses] };
        const made = await new Applier(first, tested.journal).apply({ request: everything, by: 'spec' });
        expect(made.applied.filter(({ outcome }) => !outcome.ok)).toEqual([]);
        await admin.createTopics([
          { name: `${prefix}nobody.declared`, partitions: 1, replicationFactor: 1, configs: {} },
        ]);
        await waitFor(async () => (await second.observe()).names.has(`${prefix}nobody.declared`));

        const request = { allow, ...(only && { only }) };
        const plan = await second.plan();
        const { chosen, blockers } = select(plan, request);
        const report = await new Applier(second, tested.journal).apply({ request, by: 'spec' });
        expect(report.applied.filter(({ outcome }) => !outcome.ok)).toEqual([]);

        const isStep = ({ mutation, after }: Change): boolean =>
          mutation.kind === 'set-config' && mutation.value !== after;
        const done = blockers.length > 0 ? [] : chosen.filter((change) => !isStep(change));
        const again = await second.plan();
        expect(ids(again.changes)).toEqual(ids(plan.changes.filter((change) => !done.includes(change))));
        const untouched = (change: Change) => [changeId(change), change.before];
        const left = plan.changes.filter((change) => !chosen.includes(change));
        expect(again.changes.map(untouched)).toEqual(expect.arrayContaining(left.map(untouched)));
        expect((await second.observe()).names.has(`${prefix}nobody.declared`)).toBe(true);
      } finally {
        await Promise.all([first.close(), second.close()]);
        await cleanUp(prefix, user);
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 240_000);
