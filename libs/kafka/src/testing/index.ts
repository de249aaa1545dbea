import { randomBytes } from 'node:crypto';
import { deadLetterTopic, type TopicName, topics } from '@soma/contracts';
import { createAdmin } from '../admin/admin.js';
import type { KafkaSettings, RegistrySettings } from '../config.js';
import { SchemaRegistry } from '../registry/registry.js';

/** Topics of one test on a shared cluster. */
export interface TestTopics {
  /** The cluster's settings with the prefix under which this test's topics, subjects and groups live. */
  readonly settings: KafkaSettings;
  /** Removes the topics and the subjects again. */
  drop(): Promise<void>;
}

export interface TestTopicsOptions {
  readonly kafka: Omit<KafkaSettings, 'topicPrefix'>;
  readonly registry: RegistrySettings;
  readonly topics: readonly TopicName[];
  /** Partitions of each; 6 if left out. */
  readonly partitions?: number;
  readonly config?: Readonly<Record<string, string>>;
}

/** Makes topics of the catalogue, their dead-letter topics and subjects under a prefix of the test's own. */
export const createTestTopics = async (options: TestTopicsOptions): Promise<TestTopics> => {
  const { kafka, registry: registrySettings, partitions = 6, config = {} } = options;
  const settings: KafkaSettings = { ...kafka, topicPrefix: `test-${randomBytes(5).toString('hex')}.` };
  const registry = new SchemaRegistry(registrySettings);
  const admin = createAdmin(settings, 'soma-testing');
  const prefixed = options.topics.map((topic) => settings.topicPrefix + topic);
  const names = prefixed.flatMap((topic) => [topic, deadLetterTopic(topic)]);
  const outcomes = await admin.createTopics(
    names.map((name) => ({
      name,
      partitions: name.endsWith('.dlq') ? 1 : partitions,
      replicationFactor: 3,
      configs: { 'min.insync.replicas': '2', ...config },
    })),
  );
  for (const [name, outcome] of outcomes) {
    if (!outcome.ok) throw new Error(`cannot make topic ${name}: ${outcome.message} (${outcome.error})`);
  }
  for (const topic of options.topics) {
    const { subject, schema } = topics[topic];
    await registry.setLevel(settings.topicPrefix + subject, 'FULL_TRANSITIVE');
    await registry.register(settings.topicPrefix + subject, JSON.stringify(schema));
  }
  return {
    settings,
    drop: async () => {
      await admin.deleteTopics(names);
      for (const topic of options.topics)
        await registry.deleteSubject(settings.topicPrefix + topics[topic].subject);
      await admin.close();
    },
  };
};
export { testConnection } from './connection.js';
