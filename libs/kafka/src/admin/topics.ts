import { createPartitionsV3, createTopicsV7, deleteTopicsV6, metadataV12 } from '@platformatic/kafka';
import { found, outcomesOf } from './answers.js';
import type { Brokers } from './brokers.js';
import { mutate } from './mutate.js';
import type { Found, MutationOptions, NewTopic, TopicInfo } from './types.js';

const requestTimeoutMs = 30_000;

type MetadataTopic = Awaited<ReturnType<typeof metadataV12.api.async>>['topics'][number];

const topicInfo = (topic: MetadataTopic): TopicInfo => ({
  name: topic.name ?? '',
  internal: topic.isInternal,
  partitions: topic.partitions
    .map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
      partition: partitionIndex,
      leader: leaderId,
      replicas: replicaNodes,
      isr: isrNodes,
    }))
    .sort((a, b) => a.partition - b.partition),
});

/** Topics by name, every topic for `null` (KIP-516); the brokers of the answer can be asked by id afterwards. */
const metadata = async (brokers: Brokers, names: string[] | null) => {
  const answer = await brokers.ask(metadataV12, names, false, false);
  brokers.learn(answer.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })));
  return answer.topics;
};

export const listTopics = async (brokers: Brokers): Promise<TopicInfo[]> =>
  (await metadata(brokers, null)).map(topicInfo);

export const describeTopics = async (
  brokers: Brokers,
  names: readonly string[],
): Promise<Map<string, Found<TopicInfo>>> => {
  if (names.length === 0) return new Map();
  const topics = await metadata(brokers, [...names]);
  return new Map(topics.map((topic) => [topic.name ?? '', found(topic, () => topicInfo(topic))]));
};

export const createTopics = (
  brokers: Brokers,
  topics: readonly NewTopic[],
  options?: MutationOptions<string>,
  waitAtMostMs?: number,
) =>
  mutate(
    {
      items: topics,
      key: ({ name }) => name,
      // -1 asks for the broker's default, which counts at least once.
      cost: ({ partitions }) => Math.max(1, partitions),
      send: async (batch) => {
        const request = batch.map(({ name, partitions, replicationFactor, configs }) => ({
          name,
          numPartitions: partitions,
          replicationFactor,
          assignments: [],
          configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
        }));
        const answer = await brokers.ask(createTopicsV7, request, requestTimeoutMs, false);
        const names = batch.map(({ name }) => name);
        return { ...answer, outcomes: outcomesOf(names, answer.topics, ({ name }) => name) };
      },
    },
    options,
    waitAtMostMs,
  );

export const createPartitions = (
  brokers: Brokers,
  counts: ReadonlyMap<string, number>,
  options?: MutationOptions<string>,
) =>
  mutate(
    {
      items: [...counts],
      key: ([name]) => name,
      cost: ([, count]) => Math.max(1, count),
      send: async (batch) => {
        // A null assignment leaves the placement to the controller; an empty one would ask for no new partition.
        const assignments = null as unknown as [];
        const request = batch.map(([name, count]) => ({ name, count, assignments }));
        const answer = await brokers.ask(createPartitionsV3, request, requestTimeoutMs, false);
        const names = batch.map(([name]) => name);
        return { ...answer, outcomes: outcomesOf(names, answer.results, ({ name }) => name) };
      },
    },
    options,
  );

export const deleteTopics = (
  brokers: Brokers,
  topics: readonly string[],
  options?: MutationOptions<string>,
) =>
  mutate(
    {
      items: topics,
      key: (name) => name,
      send: async (batch) => {
        const request = batch.map((name) => ({ name }));
        const answer = await brokers.ask(deleteTopicsV6, request, requestTimeoutMs);
        return { ...answer, outcomes: outcomesOf(batch, answer.responses, ({ name }) => name ?? null) };
      },
    },
    options,
  );
