import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, EventProducer, EventSerde, SchemaRegistry } from '@soma/kafka';
import { createTestTopics, testConnection, type TestTopics } from '@soma/kafka/testing';
import { createLogger } from '@soma/telemetry';
import { platform, spawnService, type SpawnedService, waitFor } from '@soma/testing';
import { checkOrder } from '../src/trial/order.js';

const keys = 200;
const versions = 500;
const total = keys * versions;
const kills = 5;

const entry = fileURLToPath(new URL('../dist/trial/consumer-process.js', import.meta.url));
const { kafka, registry } = testConnection(platform());
const logger = createLogger({ service: 'delivery-trial', level: 'fatal' });
const topic = 'settings.changed';

describe('A consuming service that is killed again and again', () => {
  let topics: TestTopics;
  let directory: string;
  let log: string;
  let producer: EventProducer;
  const processes: SpawnedService[] = [];

  beforeAll(async () => {
    topics = await createTestTopics({ kafka, registry, topics: [topic], partitions: 6 });
    directory = mkdtempSync(join(tmpdir(), 'soma-delivery-'));
    log = join(directory, 'handled');
    const serde = new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix);
    producer = new EventProducer(topics.settings, { service: 'delivery-trial', serde, logger });
  });

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.stop()));
    await producer.close();
    await topics.drop();
    rmSync(directory, { recursive: true, force: true });
  });

  const startConsumer = async (): Promise<SpawnedService> => {
    const started = await spawnService(
      entry,
      { ...platform().env, SOMA_TOPIC_PREFIX: topics.settings.topicPrefix },
      [log],
    );
    processes.push(started);
    return started;
  };

  const handled = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [key = '', version = '0'] = line.split(' ');
        return { key, version: Number(version) };
      });

  const handledCount = (): number => {
    let lines = 0;
    for (const byte of readFileSync(log)) if (byte === 10) lines += 1;
    return lines;
  };

  const deadLetters = async (count: number): Promise<Map<string, number>> => {
    const consumer = createClient(topics.settings, { clientId: 'dlq', logger }).consumer({
      groupId: `${topics.settings.topicPrefix}dlq`,
      maxWaitTimeInMs: 200,
    });
    const places = new Map<string, string>();
    await consumer.connect();
    await consumer.subscribe({ topic: `${topics.settings.topicPrefix}${topic}.dlq`, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message: { headers } }) => {
        const header = (name: string): string => headers?.[name]?.toString() ?? '';
        places.set(`${header('soma_dlq_partition')}/${header('soma_dlq_offset')}`, header('soma_dlq_reason'));
        return Promise.resolve();
      },
    });
    try {
      await waitFor(() => places.size >= count, { timeoutMs: 60_000, describe: `${count} dead letters` });
    } finally {
      await consumer.disconnect();
    }
    const reasons = [...places.values()];
    return new Map(reasons.map((reason) => [reason, reasons.filter((one) => one === reason).length]));
  };

  it(`handles ${total} events at least once, each key in order, and puts the poison aside`, async () => {
    let victim = await startConsumer();
    const poisonEach = 20;
    const producing = (async () => {
      const sample = await new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix).encode(
        topic,
        {
          tenant: 'x',
          version: 1,
          hash: 'h',
          at: 0,
        },
      );
      const unknown = Buffer.from(sample);
      unknown.writeUInt32BE(0x7ffffff0, 1);
      for (let version = 1; version <= versions; version += 1) {
        const sends: Promise<unknown>[] = Array.from({ length: keys }, (_, key) =>
          producer.send(topic, { tenant: `t${key}`, version, hash: 'h', at: version }),
        );
        if (version % (versions / poisonEach) === 0) {
          const raw = (value: Buffer, key: string) =>
            producer.sendRaw({ topic: topics.settings.topicPrefix + topic, key, value });
          sends.push(raw(Buffer.from('garbage'), `g${version}`), raw(unknown, `u${version}`));
          sends.push(producer.send(topic, { tenant: 'broken', version, hash: 'h', at: version }));
        }
        await Promise.all(sends);
      }
    })();
    for (let kill = 1; kill <= kills; kill += 1) {
      const goal = (total * kill) / (kills + 2);
      await waitFor(() => handledCount() >= goal, { timeoutMs: 120_000, describe: `${goal} handled events` });
      victim.kill('SIGKILL');
      await victim.exited;
      victim = await startConsumer();
    }
    const second = await startConsumer();
    await waitFor(() => handledCount() >= total * 0.85, {
      timeoutMs: 120_000,
      describe: 'work with two replicas',
    });
    expect((await second.stop()).code).toBe(0);
    await producing;
    const expected = new Map(Array.from({ length: keys }, (_, key) => [`t${key}`, versions]));
    await waitFor(() => handledCount() >= total && checkOrder(handled(), expected).lost.length === 0, {
      timeoutMs: 180_000,
      describe: 'every event to be handled',
    });
    const report = checkOrder(handled(), expected);
    expect(report).toMatchObject({ distinct: total, lost: [], skippedAhead: [] });
    expect(report.handled).toBeGreaterThanOrEqual(total);
    expect(await deadLetters(3 * poisonEach)).toEqual(
      new Map([
        ['undecodable', poisonEach],
        ['unknown-schema', poisonEach],
        ['handler-failed', poisonEach],
      ]),
    );
    expect((await victim.stop()).code).toBe(0);
  }, 600_000);
});
