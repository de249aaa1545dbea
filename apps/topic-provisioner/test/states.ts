import {
  compatibilityLevels,
  type DesiredTopic,
  quotaNames,
  servicePrincipals,
  squads,
  topicSpecSchema,
} from '@soma/contracts';
import fc from 'fast-check';
import { serviceAcls } from '../src/core/acls.js';
import type {
  Actual,
  ActualSubject,
  ActualTopic,
  Desired,
  DesiredSubject,
  QuotaValues,
} from '../src/core/types.js';

const names = ['a.one', 'b.two', 'c.three', 'd.four'];
const services = ['meter', 'gateway', 'archive'];

const config = fc.record(
  {
    'cleanup.policy': fc.constantFrom('delete', 'compact', 'compact,delete', 'delete,compact'),
    'retention.ms': fc.constantFrom('-1', '1000', '604800000'),
    'min.insync.replicas': fc.constantFrom('1', '2'),
    'unclean.leader.election.enable': fc.constantFrom('true', 'false'),
    'compression.type': fc.constantFrom('producer', 'zstd'),
  },
  { requiredKeys: [] },
);
const shape = {
  partitions: fc.integer({ min: 1, max: 20 }),
  replicationFactor: fc.integer({ min: 1, max: 3 }),
};
const level = fc.constantFrom(...compatibilityLevels);
const some = <T>(values: readonly T[]) => fc.subarray([...values]);

const topic = (name: string): fc.Arbitrary<DesiredTopic> =>
  fc.record({
    name: fc.constant(name),
    owner: fc.constantFrom(...squads),
    ...shape,
    config,
    strict: fc.boolean(),
    role: fc.constant({ kind: 'events' }),
  });

const subject = (name: string): fc.Arbitrary<DesiredSubject> =>
  fc.record({
    subject: fc.constant(`${name}-value`),
    topic: fc.constant(name),
    owner: fc.constantFrom(...squads),
    schema: fc.constantFrom('"string"', '"long"'),
    level,
  });

/** Specs whose producers and consumers are drawn from a few services. */
export const specs = some(names).chain((chosen) =>
  fc.tuple(
    ...chosen.map((name) =>
      fc
        .record({ producers: some(services), consumers: some(services), group: fc.constantFrom(...services) })
        .map((who) =>
          topicSpecSchema.parse({
            topic: name,
            owner: 'infra-ops',
            description: name,
            partitions: 1,
            replicationFactor: 1,
            classification: { level: 'internal' },
            producers: who.producers.map((service) => ({ service, squad: 'infra-ops' })),
            consumers: who.consumers.map((service) => ({ service, squad: 'infra-ops', group: who.group })),
          }),
        ),
    ),
  ),
);

const quotas: fc.Arbitrary<QuotaValues[]> = fc.uniqueArray(
  fc.record({
    user: fc.constantFrom(null, ...services),
    values: fc.dictionary(fc.constantFrom(...quotaNames), fc.integer({ min: 1, max: 100 })),
  }),
  { selector: ({ user }) => user },
);

export const desired: fc.Arbitrary<Desired> = fc.record({
  topics: some(names).chain((chosen) => fc.tuple(...chosen.map(topic))),
  subjects: some(names).chain((chosen) => fc.tuple(...chosen.map(subject))),
  acls: specs.map((chosen) => serviceAcls(servicePrincipals(chosen), '')),
  quotas,
});

const actualTopic: fc.Arbitrary<ActualTopic> = fc
  .record({ ...shape, configs: config, mine: fc.boolean() })
  .map(({ mine, ...topicState }) => ({
    ...topicState,
    overridden: mine ? Object.keys(topicState.configs) : [],
  }));

const actualSubject: fc.Arbitrary<ActualSubject> = fc
  .record({
    level: fc.option(level, { nil: undefined }),
    registered: fc.boolean(),
    versions: fc.integer({ min: 0, max: 3 }),
    bad: fc.boolean(),
    refusedUnder: fc.option(level, { nil: undefined }),
  })
  .map(({ level: own, registered, versions, bad, refusedUnder }) => {
    const numbers = Array.from({ length: versions }, (_, index) => index + 1);
    const known = registered && versions > 0;
    return {
      ...(own && { level: own }),
      registered: known,
      versions: numbers,
      incompatibleWith: bad && !known ? numbers.slice(-1) : [],
      ...(!known && versions > 0 && refusedUnder && { refusedUnder }),
    };
  });

/** Clusters in any state: parts of what may be desired are there, in another shape, next to what nobody declared. */
export const actual: fc.Arbitrary<Actual> = fc
  .record({
    clusterId: fc.constant('model'),
    brokers: fc.constant(3),
    unreadable: fc.constant(new Map()),
    topics: fc
      .dictionary(fc.constantFrom(...names, 'nobody.declared'), actualTopic)
      .map((all) => new Map(Object.entries(all))),
    subjects: fc
      .dictionary(fc.constantFrom(...names.map((name) => `${name}-value`), 'nobody-value'), actualSubject)
      .map((all) => new Map(Object.entries(all))),
    acls: specs.map((chosen) => serviceAcls(servicePrincipals(chosen), '')),
    quotas,
    data: fc
      .dictionary(
        fc.constantFrom(...names),
        fc.record({ messages: fc.nat(2), bytes: fc.nat(), groups: fc.constant([]) }),
      )
      .map((all) => new Map(Object.entries(all))),
  })
  .map((state) => ({ ...state, names: new Set(state.topics.keys()) }));

/** The state that a cluster shows which is exactly as desired. */
export const asDesired = ({ topics, subjects, acls, quotas: limits }: Desired): Actual => ({
  clusterId: 'model',
  brokers: 3,
  names: new Set(topics.map(({ name }) => name)),
  unreadable: new Map(),
  quotas: limits,
  data: new Map(),
  topics: new Map(
    topics.map(({ name, partitions, replicationFactor, config: configs }) => [
      name,
      { partitions, replicationFactor, configs, overridden: Object.keys(configs) },
    ]),
  ),
  subjects: new Map(
    subjects.map((one) => [
      one.subject,
      { level: one.level, registered: true, versions: [1], incompatibleWith: [] },
    ]),
  ),
  acls,
});
