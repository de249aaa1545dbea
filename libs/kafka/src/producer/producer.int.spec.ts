import { createLogger } from '@soma/telemetry';
import { platform, waitFor } from '@soma/testing';
import { createAdmin } from '../admin/admin.js';
import { createClient } from '../client.js';
import type { KafkaSettings } from '../config.js';
import { KafkaError } from '../errors.js';
import { headerText } from '../headers.js';
import { SchemaRegistry } from '../registry/registry.js';
import { EventSerde } from '../serde/serde.js';
import { createTestTopics, testConnection, type TestTopics } from '../testing/index.js';
import { EventProducer } from './producer.js';

const { kafka, registry } = testConnection(platform());
const logger = createLogger({ service: 'producer-spec', level: 'fatal' });
const topic = 'settings.changed';
const event = (tenant: string, version: number) => ({ tenant, version, hash: 'ab', at: 1_780_300_800_000 });

let topics: TestTopics;
let physical: string;
const open: EventProducer[] = [];

beforeAll(async () => {
  topics = await createTestTopics({ kafka, registry, topics: [topic], partitions: 6 });
  physical = topics.settings.topicPrefix + topic;
});

afterEach(() => Promise.all(open.splice(0).map((producer) => producer.close())));

afterAll(() => topics.drop());

const producerOf = (settings: KafkaSettings): EventProducer => {
  const serde = new EventSerde(new SchemaRegistry(registry), settings.topicPrefix);
  const producer = new EventProducer(settings, { service: 'producer-spec', serde, logger });
  open.push(producer);
  return producer;
};

/** Every record of the topic, up to the ends that the partitions have now. */
const readAll = async () => {
  const client = createClient(topics.settings, { clientId: 'reader', logger });
  const admin = client.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(physical);
  await admin.disconnect();
  const expected = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const consumer = client.consumer({
    groupId: `${topics.settings.topicPrefix}${Math.random()}`,
    maxWaitTimeInMs: 200,
  });
  const records: { partition: number; key: string | undefined; id: string | undefined }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: physical, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ partition, message: { key, headers } }) => {
      records.push({ partition, key: key?.toString(), id: headerText(headers, 'ce_id') });
      return Promise.resolve();
    },
  });
  await waitFor(() => records.length >= expected, { describe: `${expected} records` });
  await consumer.disconnect();
  return records;
};

describe('EventProducer', () => {
  it('puts each event into the log once and each key on one partition', async () => {
    const producer = producerOf(topics.settings);
    const before = (await readAll()).length;
    const delivered = await Promise.all(
      Array.from({ length: 3_000 }, (_, index) =>
        producer.send(topic, event(`t${index % 40}`, index), { id: `once-${index}` }),
      ),
    );
    const records = await readAll();
    expect(records.length - before).toBe(3_000);
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    const places = delivered.map(({ partition, offset }) => `${partition}/${offset}`);
    expect(new Set(places).size).toBe(3_000);
    const partitionsOf = new Map<string | undefined, Set<number>>();
    for (const { key, partition } of records) {
      partitionsOf.set(key, (partitionsOf.get(key) ?? new Set()).add(partition));
    }
    expect([...partitionsOf.values()].every((partitions) => partitions.size === 1)).toBe(true);
  });

  it('spreads keys as the Java client does, so that both keep one order', async () => {
    // murmur2("acme") and murmur2("globex") of Java's Utils, positive, modulo 6.
    const { Partitioners } = (await import('kafkajs')).default;
    const partitionMetadata = Array.from({ length: 6 }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }));
    const partitioner = Partitioners.JavaCompatiblePartitioner();
    const producer = producerOf(topics.settings);
    for (const key of ['acme', 'globex', 'initech', 'umbrella', 'ünïcode']) {
      const { partition } = await producer.send(topic, event(key, 1));
      expect(partition).toBe(partitioner({ topic, partitionMetadata, message: { key, value: null } }));
    }
  });

  it('refuses an event that does not fit its schema before it reaches Kafka', async () => {
    const producer = producerOf(topics.settings);
    const before = (await readAll()).length;
    const wrong = { tenant: 'acme', version: 'three', hash: null, at: 0 } as never;
    const failure = await producer.send(topic, wrong).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'EVENT_INVALID',
      problems: [{ path: 'version' }, { path: 'hash' }],
    });
    expect((await readAll()).length).toBe(before);
  });

  it('says what to do when the schema is not registered or the topic is not there', async () => {
    const elsewhere = producerOf({ ...topics.settings, topicPrefix: `${topics.settings.topicPrefix}none.` });
    const unregistered = await elsewhere.send(topic, event('acme', 1)).catch((error: unknown) => error);
    expect(unregistered).toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
    expect((unregistered as Error).message).toContain('npx soma topics apply');
    const missing = await elsewhere
      .sendRaw({ topic: `${physical}.none`, key: 'k', value: Buffer.from('v') })
      .catch((error: unknown) => error);
    expect(missing).toMatchObject({ code: 'DELIVERY_REFUSED' });
    expect((missing as Error).message).toContain('npx soma topics apply');
  });

  it('is refused without the right to write', async () => {
    const admin = createAdmin(kafka);
    const name = `${topics.settings.topicPrefix}stranger`;
    await admin.upsertScramUsers([{ name, password: 'secret' }]);
    try {
      const stranger = producerOf({ ...topics.settings, username: name, password: 'secret' });
      const refused = await stranger
        .send(topic, event('acme', 1), { deadlineMs: 20_000 })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'DELIVERY_REFUSED' });
      expect((refused as Error).message).toContain('TOPIC_AUTHORIZATION_FAILED');
    } finally {
      await admin.deleteScramUsers([name]);
      await admin.close();
    }
  });

  it('gives up at the deadline when no broker answers, and says that nobody knows', async () => {
    const nobody = producerOf({ brokers: ['127.0.0.1:1'], topicPrefix: '' });
    const failure = await nobody
      .sendRaw({ topic: 'any', key: null, value: Buffer.from('v') }, 1_500)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KafkaError);
    expect(failure).toMatchObject({ code: 'DELIVERY_TIMEOUT', transient: true });
  });
});
