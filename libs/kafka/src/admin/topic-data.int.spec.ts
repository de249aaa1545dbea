import { deleteRecordsV2 } from '@platformatic/kafka';
import { createLogger } from '@soma/telemetry';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { createClient } from '../client.js';
import { testConnection } from '../testing/index.js';
import { createAdmin } from './admin.js';
import { Brokers } from './brokers.js';
import { describeTopics } from './topics.js';

const { kafka } = testConnection(platform());
const admin = createAdmin(kafka, 'topic-data-spec');
const logger = createLogger({ service: 'topic-data-spec', level: 'fatal' });
const client = createClient(kafka, { clientId: 'topic-data-spec', logger });
const prefix = uniqueName('data');
const [full, empty, missing] = [`${prefix}.full`, `${prefix}.empty`, `${prefix}.missing`];
const at = 1_780_300_800_000;

beforeAll(async () => {
  const topic = { partitions: 6, replicationFactor: 3, configs: { 'retention.ms': '-1' } };
  await admin.createTopics([
    { ...topic, name: full },
    { ...topic, name: empty },
  ]);
  // A producer that finds leaders which do not know the topic yet repeats itself, and would write events twice.
  await waitFor(async () => (await admin.topicData([full])).get(full)?.found, {
    describe: 'the leaders of the topic',
  });
  const producer = client.producer({ idempotent: true });
  await producer.connect();
  const messages = Array.from({ length: 60 }, (_, index) => ({
    partition: index % 6,
    value: 'x'.repeat(100),
    // The newest is neither the last one nor on the last partition.
    timestamp: String(index === 20 ? at : at - 60_000 + index),
  }));
  await producer.send({ topic: full, messages, acks: -1 });
  await producer.disconnect();
});

afterAll(async () => {
  await admin.deleteTopics([full, empty]);
  await admin.close();
});

describe('topicData', () => {
  it('counts messages and bytes over partitions that several brokers lead, and finds the newest', async () => {
    const data = await admin.topicData([full, empty, missing]);
    const value = data.get(full);
    expect(value).toMatchObject({ found: true, value: { messages: 60n, newestAt: at } });
    const bytes = value?.found ? value.value.bytes : 0;
    // One set of replicas: three of them would be beyond twice the values.
    expect(bytes).toBeGreaterThan(60 * 100);
    expect(bytes).toBeLessThan(60 * 100 * 2);
    expect(data.get(empty)).toEqual({ found: true, value: { messages: 0n, bytes: 0 } });
    expect(data.get(missing)).toMatchObject({ found: false, error: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('does not count what was deleted from the beginning of the log', async () => {
    const brokers = new Brokers(kafka, 'topic-data-spec');
    try {
      const topic = (await describeTopics(brokers, [full])).get(full);
      const leader = topic?.found ? (topic.value.partitions[0]?.leader ?? -1) : -1;
      const partitions = [{ partitionIndex: 0, offset: 4n }];
      await brokers.askBroker(leader, deleteRecordsV2, [{ name: full, partitions }], 30_000);
    } finally {
      await brokers.close();
    }
    const data = await waitFor(async () => {
      const found = (await admin.topicData([full])).get(full);
      return found?.found && found.value.messages !== 60n ? found.value : undefined;
    });
    expect(data.messages).toBe(56n);
  });

  it('takes a constant number of requests, whatever the number of topics', async () => {
    const sent = async (names: readonly string[]) => {
      const counting = createAdmin(kafka, 'topic-data-spec-counting');
      try {
        await counting.topicData(names);
        return Object.fromEntries(counting.requests);
      } finally {
        await counting.close();
      }
    };
    const one = await sent([full]);
    expect(one).toEqual({ Metadata: 1, ListOffsets: 9, DescribeLogDirs: 3 });
    expect(await sent([full, empty])).toEqual(one);
    expect(await sent([])).toEqual({});
  });

  it('finds topics that are so new that not every leader knows them yet', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${prefix}.new-${index}`);
    try {
      await admin.createTopics(
        names.map((name) => ({ name, partitions: 3, replicationFactor: 3, configs: {} })),
      );
      await waitFor(async () => {
        const data = await admin.topicData(names);
        return names.every((name) => data.get(name)?.found);
      });
    } finally {
      await admin.deleteTopics(names);
    }
  });
});
