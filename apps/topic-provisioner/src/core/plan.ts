import type { CompatibilityLevel, DesiredTopic } from '@soma/contracts';
import { aclName } from './acls.js';
import { protectsAsMuch } from './compatibility.js';
import type { Actual, ActualTopic, Change, ChangeClass, Desired, DesiredSubject, Plan } from './types.js';

/** Configs of which a smaller number keeps less or protects less; -1 means "no limit" and is the largest. */
const losesWhenLowered = new Set([
  'retention.ms',
  'retention.bytes',
  'min.insync.replicas',
  'delete.retention.ms',
  'min.compaction.lag.ms',
  'max.compaction.lag.ms',
  'max.message.bytes',
]);

/** Switches of which one position may lose records. */
const losesWhen: Readonly<Record<string, string>> = {
  'unclean.leader.election.enable': 'true',
  'remote.log.delete.on.disable': 'true',
  'remote.storage.enable': 'false',
};

const magnitude = (value: string | null): number => (value === '-1' ? Infinity : Number(value));

const configClass = (config: string, before: string | null, after: string): [ChangeClass, string] => {
  if (config === 'cleanup.policy')
    return ['unsafe', 'another cleanup policy may remove records that are kept today'];
  if (losesWhenLowered.has(config) && magnitude(after) < magnitude(before)) {
    return ['unsafe', 'a lower value keeps or protects less than today'];
  }
  if (losesWhen[config] === after) return ['unsafe', 'records that are kept today may be lost'];
  return ['safe', 'no record is lost by it'];
};

/** Kafka takes a cleanup policy as a set: its order says nothing. */
const sameValue = (config: string, before: string | null | undefined, after: string): boolean =>
  before === after ||
  (config === 'cleanup.policy' && before?.split(',').sort().join() === after.split(',').sort().join());

const createTopic = (topic: DesiredTopic): Change => ({
  resource: topic.name,
  field: 'topic',
  before: null,
  after: `${topic.partitions} partitions, ${topic.replicationFactor} replicas`,
  class: 'create',
  reason: 'the catalogue declares it and the cluster does not have it',
  mutation: { kind: 'create-topic', topic },
});

const partitionChange = (topic: DesiredTopic, actual: ActualTopic): Change[] => {
  if (topic.partitions === actual.partitions) return [];
  const change = {
    resource: topic.name,
    field: 'partitions',
    before: `${actual.partitions}`,
    after: `${topic.partitions}`,
  };
  return topic.partitions > actual.partitions
    ? [
        {
          ...change,
          class: 'unsafe',
          reason: 'keys move to other partitions: their order is lost across the change',
          mutation: { kind: 'add-partitions', topic: topic.name, count: topic.partitions },
        },
      ]
    : [
        {
          ...change,
          class: 'refused',
          reason: `Kafka cannot take partitions away: declare ${actual.partitions}, or move the consumers to a new topic`,
          mutation: { kind: 'none' },
        },
      ];
};

const replicationChange = (topic: DesiredTopic, actual: ActualTopic): Change[] =>
  topic.replicationFactor === actual.replicationFactor
    ? []
    : [
        {
          resource: topic.name,
          field: 'replicationFactor',
          before: `${actual.replicationFactor}`,
          after: `${topic.replicationFactor}`,
          class: 'refused',
          reason: 'replicas are moved by a partition reassignment, which an operator runs by hand',
          mutation: { kind: 'none' },
        },
      ];

const configChanges = (topic: DesiredTopic, actual: ActualTopic): Change[] =>
  Object.entries(topic.config)
    .filter(([config, value]) => !sameValue(config, actual.configs[config], value))
    .map(([config, value]): Change => {
      const before = actual.configs[config] ?? null;
      const [changeClass, reason] = configClass(config, before, value);
      return {
        resource: topic.name,
        field: config,
        before,
        after: value,
        class: changeClass,
        reason,
        mutation: { kind: 'set-config', topic: topic.name, config, value },
      };
    });

const levelChange = (
  { subject, level }: DesiredSubject,
  before: CompatibilityLevel | undefined,
): Change[] => {
  if (before === level) return [];
  const weaker = before !== undefined && !protectsAsMuch(level, before);
  return [
    {
      resource: subject,
      field: 'compatibility',
      before: before ?? null,
      after: level,
      class: before === undefined ? 'create' : weaker ? 'unsafe' : 'safe',
      reason: weaker
        ? 'a weaker level lets through what breaks consumers'
        : 'readers are protected at least as well',
      mutation: { kind: 'set-level', subject, level },
    },
  ];
};

const schemaChange = (desired: DesiredSubject, actual: Actual): Change[] => {
  const { subject, schema, level } = desired;
  const seen = actual.subjects.get(subject);
  const levels = levelChange(desired, seen?.level);
  if (seen?.registered) return levels;
  const change = {
    resource: subject,
    field: 'schema',
    before: seen && seen.versions.length > 0 ? `version ${seen.versions.at(-1)}` : null,
    after: seen && seen.versions.length > 0 ? 'a new version' : 'version 1',
  };
  if (seen && seen.incompatibleWith.length > 0) {
    const versions = seen.incompatibleWith.join(', ');
    const reason = `not ${level} compatible with version ${versions}: give new fields a default and keep old ones`;
    return [...levels, { ...change, class: 'refused', reason, mutation: { kind: 'none' } }];
  }
  const reason =
    change.before === null ? 'the subject is new' : `compatible with every version that ${level} demands`;
  const created = change.before === null ? 'create' : 'safe';
  return [
    ...levels,
    { ...change, class: created, reason, mutation: { kind: 'register-schema', subject, schema } },
  ];
};

const aclChanges = (desired: Desired, actual: Actual): Change[] => {
  if (!actual.acls) return [];
  const existing = new Set(actual.acls.map(aclName));
  return desired.acls
    .filter((acl) => !existing.has(aclName(acl)))
    .map((acl) => ({
      resource: aclName(acl),
      field: 'acl',
      before: null,
      after: 'allowed',
      class: 'create',
      reason: 'it follows from the producers and consumers of the catalogue',
      mutation: { kind: 'create-acl', acl },
    }));
};

/**
 * Every difference between catalogue and cluster. What the catalogue does not name is not looked at: nothing is
 * ever deleted, shrunk or reset because it is undeclared.
 */
export const plan = (desired: Desired, actual: Actual): Plan => ({
  clusterId: actual.clusterId,
  changes: [
    ...desired.topics.flatMap((topic) => {
      const seen = actual.topics.get(topic.name);
      return seen
        ? [...partitionChange(topic, seen), ...replicationChange(topic, seen), ...configChanges(topic, seen)]
        : [createTopic(topic)];
    }),
    ...desired.subjects.flatMap((subject) => schemaChange(subject, actual)),
    ...aclChanges(desired, actual),
  ],
});

/** The part of a plan that may be applied: creations and safe changes, and unsafe ones when they are allowed. */
export const applicable = ({ changes }: Plan, allowUnsafe: boolean): Change[] =>
  changes.filter(
    (change) =>
      change.class === 'create' || change.class === 'safe' || (change.class === 'unsafe' && allowUnsafe),
  );

/** The changes that stop an apply before its first mutation: an incompatible schema may not slip in half. */
export const blockers = ({ changes }: Plan): Change[] =>
  changes.filter((change) => change.class === 'refused' && change.field === 'schema');
