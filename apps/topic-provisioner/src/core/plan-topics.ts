import type { DesiredTopic } from '@soma/contracts';
import { type Judgement, judgeConfig, retentionStep, sameValue } from './config-rules.js';
import type { Actual, ActualTopic, Change, TopicData } from './types.js';

/** Kafka's brokers refuse a request that asks for more (KIP-599's companion limit in the controller). */
export const largestRequestPartitions = 10_000;

type Draft = Omit<Change, 'part' | 'resource' | 'owner'>;

/** Kafka's metrics cannot tell dots from underscores, so its brokers refuse names that differ in nothing else. */
const collisionKey = (topic: string): string => topic.replaceAll('.', '_');

const creation = (topic: DesiredTopic, clash: string | undefined): Draft => {
  const draft = {
    field: 'topic',
    before: null,
    after: `${topic.partitions} partitions, ${topic.replicationFactor} replicas`,
  };
  const impossible = (reason: string, refused: string): Draft => ({
    ...draft,
    class: 'unsupported',
    reason,
    refused,
    mutation: { kind: 'none' },
  });
  if (clash !== undefined) {
    const reason = `${clash} stands on the cluster, and Kafka takes dots and underscores for the same`;
    return impossible(reason, 'declare another name');
  }
  if (topic.partitions > largestRequestPartitions) {
    const reason = `Kafka creates at most ${largestRequestPartitions} partitions in a request`;
    return impossible(reason, `declare at most ${largestRequestPartitions} partitions`);
  }
  const reason = 'the catalogue declares it and the cluster does not have it';
  return { ...draft, class: 'create', reason, mutation: { kind: 'create-topic', topic } };
};

const partitionChange = (topic: DesiredTopic, actual: ActualTopic): Draft[] => {
  if (topic.partitions === actual.partitions) return [];
  const draft = { field: 'partitions', before: `${actual.partitions}`, after: `${topic.partitions}` };
  if (topic.partitions > actual.partitions) {
    const reason = 'keys move to other partitions: their order is lost across the change';
    const mutation = { kind: 'add-partitions', topic: topic.name, count: topic.partitions } as const;
    return [{ ...draft, class: 'unsafe', reason, mutation }];
  }
  return [
    {
      ...draft,
      class: 'unsupported',
      reason: 'Kafka cannot take partitions away',
      refused: `declare ${actual.partitions}, or move producers and consumers to a new topic`,
      mutation: { kind: 'none' },
    },
  ];
};

const replicationChange = (topic: DesiredTopic, actual: ActualTopic): Draft[] =>
  topic.replicationFactor === actual.replicationFactor
    ? []
    : [
        {
          field: 'replicationFactor',
          before: `${actual.replicationFactor}`,
          after: `${topic.replicationFactor}`,
          class: 'unsupported',
          reason: 'replicas are moved by a partition reassignment',
          refused: `run kafka-reassign-partitions.sh, or declare ${actual.replicationFactor}`,
          mutation: { kind: 'none' },
        },
      ];

const configChange = (
  topic: DesiredTopic,
  config: string,
  before: string | null,
  value: string,
  data: TopicData | undefined,
): Draft => {
  const judged: Judgement = judgeConfig(config, before, value, data && data.messages > 0);
  const step = data?.messages === 0 ? value : retentionStep(config, before, value);
  const stepped = step === value ? '' : `; one step at a time: this apply goes to ${step}`;
  return {
    field: config,
    before,
    after: value,
    class: judged.class,
    reason: judged.reason + stepped,
    mutation: { kind: 'set-config', topic: topic.name, config, value: step },
  };
};

const configChanges = (topic: DesiredTopic, actual: ActualTopic, data: TopicData | undefined): Draft[] =>
  Object.entries(topic.config)
    .filter(([config, value]) => !sameValue(config, actual.configs[config], value))
    .map(([config, value]) => configChange(topic, config, actual.configs[config] ?? null, value, data));

/** Under `strict`, what the topic sets and the spec does not name goes back to the broker's default. */
const strayConfigs = (topic: DesiredTopic, actual: ActualTopic): Draft[] =>
  topic.strict
    ? actual.overridden
        .filter((config) => !Object.hasOwn(topic.config, config))
        .map((config): Draft => ({
          field: config,
          before: actual.configs[config] ?? null,
          after: null,
          class: 'unsafe',
          reason: "the spec is strict and does not name it: the broker's default may keep or protect less",
          mutation: { kind: 'set-config', topic: topic.name, config, value: null },
        }))
    : [];

const unreadable = (words: string): Draft => ({
  field: 'topic',
  before: null,
  after: null,
  class: 'unknown',
  reason: 'the brokers do not show whether it is there',
  refused: `let this user describe it: ${words}`,
  mutation: { kind: 'none' },
});

/** Changes that topics need, those of one topic together. */
export const topicChanges = (topics: readonly DesiredTopic[], actual: Actual): Change[] => {
  // Only a new name can clash: where every topic stands, thousands of names need not be looked at.
  const anyNew = topics.some(({ name }) => !actual.topics.has(name));
  const taken = new Map(anyNew ? [...actual.names].map((name) => [collisionKey(name), name]) : []);
  return topics.flatMap((topic): Change[] => {
    const seen = actual.topics.get(topic.name);
    const words = actual.unreadable.get(topic.name);
    const data = actual.data.get(topic.name);
    const drafts =
      words !== undefined
        ? [unreadable(words)]
        : seen
          ? [
              ...partitionChange(topic, seen),
              ...replicationChange(topic, seen),
              ...configChanges(topic, seen, data),
              ...strayConfigs(topic, seen),
            ]
          : [creation(topic, taken.get(collisionKey(topic.name)))];
    return drafts.map((draft) => ({
      part: 'topics',
      resource: topic.name,
      owner: topic.owner,
      ...draft,
      ...(data && needsData(draft) && { touches: data }),
    }));
  });
};

/** Whether what a topic holds matters to a change: it is shown, and may change the class. */
export const needsData = ({ class: kind, before }: Pick<Change, 'class' | 'before'>): boolean =>
  kind !== 'create' && kind !== 'safe' && before !== null;
