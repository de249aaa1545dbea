import { createClient, EventProducer, EventSerde, SchemaRegistry } from '@soma/kafka';
import { createTestTopics, testConnection, type TestTopics } from '@soma/kafka/testing';
import { connectPlatform, type Platform } from '@soma/platform';
import { createLogger } from '@soma/telemetry';
import { platform, waitFor } from '@soma/testing';

const rate = 1_000;
const seconds = 25;
const { kafka, registry } = testConnection(platform());
const logger = createLogger({ service: 'broker-trial', level: 'fatal' });
const topic = 'settings.changed';

describe('A broker that is killed while 1,000 events a second are produced', () => {
  let topics: TestTopics;
  let local: Platform;
  const rejections: unknown[] = [];
  const note = (reason: unknown): unknown => rejections.push(reason);

  beforeAll(async () => {
    const found = await connectPlatform(platform().home);
    if (!found) throw new Error('this trial kills a broker: it needs the local platform');
    local = found;
    process.on('unhandledRejection', note);
    topics = await createTestTopics({ kafka, registry, topics: [topic], partitions: 6 });
  });

  afterAll(async () => {
    process.off('unhandledRejection', note);
    await local.start('kafka-2');
    await topics.drop();
  });

  it('keeps every acknowledged event exactly once', async () => {
    const serde = new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix);
    const producer = new EventProducer(topics.settings, { service: 'broker-trial', serde, logger });
    const acknowledged = new Map<string, string>();
    const failed: string[] = [];
    const sends: Promise<void>[] = [];
    const began = performance.now();
    for (let index = 0; index < rate * seconds; index += 1) {
      const id = `e${index}`;
      sends.push(
        producer
          .send(
            topic,
            { tenant: `t${index % 97}`, version: index, hash: 'h', at: index },
            { id, deadlineMs: 60_000 },
          )
          .then(
            ({ partition, offset }) => void acknowledged.set(id, `${partition}/${offset}`),
            (error: unknown) => void failed.push(`${id}: ${(error as Error).message}`),
          ),
      );
      if (index === rate * 5) await local.kill('kafka-2');
      if (index === rate * 17) await local.start('kafka-2');
      const ahead = began + (index * 1000) / rate - performance.now();
      if (ahead > 5) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    await Promise.all(sends);
    await producer.close();
    expect(failed).toEqual([]);
    expect(acknowledged.size).toBe(rate * seconds);

    const inLog = new Map<string, string[]>();
    let records = 0;
    const consumer = createClient(topics.settings, { clientId: 'reader', logger }).consumer({
      groupId: `${topics.settings.topicPrefix}reader`,
      maxWaitTimeInMs: 200,
    });
    await consumer.connect();
    await consumer.subscribe({ topic: topics.settings.topicPrefix + topic, fromBeginning: true });
    await consumer.run({
      eachBatch: ({ batch: { partition, messages } }) => {
        for (const { offset, headers } of messages) {
          const id = headers?.['ce_id']?.toString() ?? '';
          inLog.set(id, [...(inLog.get(id) ?? []), `${partition}/${offset}`]);
          records += 1;
        }
        return Promise.resolve();
      },
    });
    await waitFor(() => inLog.size >= acknowledged.size, {
      timeoutMs: 60_000,
      describe: 'every acknowledged event in the log',
    });
    await consumer.disconnect();
    const doubled = [...inLog].filter(([, places]) => places.length > 1);
    const misplaced = [...acknowledged].filter(([id, place]) => inLog.get(id)?.[0] !== place);
    expect(doubled).toEqual([]);
    expect(misplaced).toEqual([]);
    expect(records).toBe(rate * seconds);
    expect(rejections).toEqual([]);
  }, 240_000);
});
