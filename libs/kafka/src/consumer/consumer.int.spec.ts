import { createLogger } from '@soma/telemetry';
import { platform, waitFor } from '@soma/testing';
import { createClient } from '../client.js';
import { TransientError } from '../errors.js';
import { headerText } from '../headers.js';
import { EventProducer } from '../producer/producer.js';
import { SchemaRegistry } from '../registry/registry.js';
import { EventSerde } from '../serde/serde.js';
import { createTestTopics, testConnection, type TestTopics } from '../testing/index.js';
import type { Handler } from './batch-run.js';
import { EventConsumer, type ConsumerOptions } from './consumer.js';
import type { ReceivedEvent } from './received-event.js';

const { kafka, registry } = testConnection(platform());
const logger = createLogger({ service: 'consumer-spec', level: 'fatal' });
const topic = 'settings.changed';
type Event = ReceivedEvent<typeof topic>;

let topics: TestTopics;
let serde: EventSerde;
let producer: EventProducer;
const running: EventConsumer[] = [];

beforeEach(async () => {
  topics = await createTestTopics({ kafka, registry, topics: [topic], partitions: 3 });
  serde = new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix);
  producer = new EventProducer(topics.settings, { service: 'consumer-spec', serde, logger });
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop()));
  await producer.close();
  await topics.drop();
});

const consume = (handler: Handler<typeof topic>, options: Partial<ConsumerOptions> = {}): EventConsumer => {
  const consumer = new EventConsumer(topics.settings, {
    service: 'consumer-spec',
    group: 'spec',
    serde,
    producer,
    logger,
    handlers: new Map([[topic, handler]]),
    retry: { attempts: 3, initialMs: 5, maxMs: 20 },
    ...options,
  });
  consumer.start();
  running.push(consumer);
  return consumer;
};

const each = (handle: (event: Event) => unknown): Handler<typeof topic> => ({ kind: 'event', handle });

const send = (tenant: string, version: number) =>
  producer.send(topic, { tenant, version, hash: 'ab', at: 1_780_300_800_000 });

const sendRaw = (value: Buffer | null, key = 'poison', headers = {}) =>
  producer.sendRaw({ topic: topics.settings.topicPrefix + topic, key, value, headers });

/** Everything on the dead-letter topic, once there are so many. */
const deadLetters = async (count: number) => {
  const consumer = createClient(topics.settings, { clientId: 'dlq-reader', logger }).consumer({
    groupId: `${topics.settings.topicPrefix}dlq-reader`,
    maxWaitTimeInMs: 200,
  });
  const letters: {
    key: string | undefined;
    value: Buffer | null;
    header: (name: string) => string | undefined;
  }[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: `${topics.settings.topicPrefix}${topic}.dlq`, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message: { key, value, headers } }) => {
      letters.push({ key: key?.toString(), value, header: (name) => headerText(headers, name) });
      return Promise.resolve();
    },
  });
  try {
    await waitFor(() => letters.length >= count, { describe: `${count} dead letters` });
    return letters;
  } finally {
    await consumer.disconnect();
  }
};

describe('EventConsumer', () => {
  it('hands out decoded events with key, headers and place, in order per key', async () => {
    const seen: Event[] = [];
    consume(each((event) => seen.push(event)));
    for (let version = 1; version <= 30; version += 1) {
      await Promise.all(['acme', 'globex', 'initech'].map((tenant) => send(tenant, version)));
    }
    await waitFor(() => seen.length === 90, { describe: '90 events' });
    for (const tenant of ['acme', 'globex', 'initech']) {
      const versions = seen.filter(({ key }) => key === tenant).map(({ value }) => value.version);
      expect(versions).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    }
    const [first] = seen;
    expect(first?.cloudEvent).toMatchObject({
      type: 'com.somastack.settings.changed',
      source: '/soma/consumer-spec',
    });
    expect({ ...first?.value }).toMatchObject({ hash: 'ab', changed_keys: [], at: 1_780_300_800_000 });
  });

  it('puts poison of every kind aside with reason and original headers, and goes on', async () => {
    const handled: number[] = [];
    let attempts = 0;
    consume(
      each(({ value }) => {
        if (value.tenant !== 'broken') return handled.push(value.version);
        attempts += 1;
        throw new Error('this tenant cannot be handled');
      }),
    );
    const { value: good } = {
      value: await serde.encode(topic, { tenant: 'a', version: 1, hash: 'x', at: 0 }),
    };
    const unknownId = Buffer.from(good);
    unknownId.writeUInt32BE(0x7fffffff, 1);
    await send('acme', 1);
    await sendRaw(Buffer.from('not avro'), 'k1', { 'x-origin': 'spec' });
    await sendRaw(good.subarray(0, 8), 'k2');
    await sendRaw(unknownId, 'k3');
    await sendRaw(null, 'k4');
    await send('broken', 7);
    await send('acme', 2);
    const letters = await deadLetters(5);
    await waitFor(() => handled.length === 2, { describe: 'the events around the poison' });
    expect(handled.sort()).toEqual([1, 2]);
    expect(attempts).toBe(3);
    const reasons = Object.fromEntries(letters.map(({ key, header }) => [key, header('soma_dlq_reason')]));
    expect(reasons).toEqual({
      k1: 'undecodable',
      k2: 'undecodable',
      k3: 'unknown-schema',
      k4: 'undecodable',
      broken: 'handler-failed',
    });
    const letter = (key: string) => letters.find((one) => one.key === key);
    expect(letter('k1')?.value?.toString()).toBe('not avro');
    expect(letter('k1')?.header('x-origin')).toBe('spec');
    expect(letter('k1')?.header('soma_dlq_topic')).toBe(topics.settings.topicPrefix + topic);
    expect(letter('broken')?.header('soma_dlq_error')).toBe('this tenant cannot be handled');
    expect(letter('broken')?.header('soma_dlq_attempts')).toBe('3');
    expect(letter('broken')?.header('ce_type')).toBe('com.somastack.settings.changed');
  });

  it('never gives up an event whose handler says that waiting helps', async () => {
    let calls = 0;
    const handled: number[] = [];
    const consumer = consume(
      each(({ value }) => {
        calls += 1;
        if (calls <= 10) throw new TransientError('the database is away');
        handled.push(value.version);
      }),
    );
    await send('acme', 1);
    const trouble = await waitFor(() =>
      consumer.health().then(
        () => undefined,
        (error: unknown) => (calls > 1 ? error : undefined),
      ),
    );
    expect((trouble as Error).message).toContain('the database is away');
    await waitFor(() => handled.length === 1, { describe: 'the event after the outage' });
    await waitFor(() => consumer.health().then(() => true));
    expect(calls).toBe(11);
  });

  it('gives a batch handler many events in one call and finds the poison among them', async () => {
    const sizes: number[] = [];
    const handled = new Set<number>();
    await Promise.all(Array.from({ length: 200 }, (_, version) => send('acme', version)));
    consume({
      kind: 'batch',
      maxEvents: 64,
      handle: (events) => {
        if (events.some(({ value }) => value.version === 100)) throw new Error('one of them is bad');
        sizes.push(events.length);
        events.forEach(({ value }) => handled.add(value.version));
      },
    });
    const [letter] = await deadLetters(1);
    await waitFor(() => handled.size === 199, { describe: 'all events but the bad one' });
    expect(handled.has(100)).toBe(false);
    expect(letter?.key).toBe('acme');
    expect(Math.max(...sizes)).toBeGreaterThan(1);
  });

  it('keeps its place in the group while a handler takes longer than the session timeout', async () => {
    const handled: number[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const began = performance.now();
    consume(
      each(async ({ value }) => {
        if (value.version === 1) await held;
        handled.push(value.version);
      }),
    );
    await send('acme', 1);
    await send('acme', 2);
    // Session timeout is 10 s: a member that sends no heartbeat is gone after it, and its event comes again.
    await waitFor(() => performance.now() - began > 13_000, { timeoutMs: 20_000 });
    release();
    await waitFor(() => handled.length >= 2, { describe: 'both events' });
    expect(handled).toEqual([1, 2]);
  });

  it('stops without losing or repeating anything: what is done is committed, the rest comes to the next one', async () => {
    const handled: number[] = [];
    let started = 0;
    const first = consume(
      each(async ({ value }) => {
        started += 1;
        await new Promise((resolve) => setTimeout(resolve, 2));
        handled.push(value.version);
      }),
      { lanes: 1 },
    );
    await Promise.all(Array.from({ length: 400 }, (_, version) => send(`t${version % 7}`, version)));
    await waitFor(() => handled.length > 20, { describe: 'some events' });
    await first.stop();
    expect(handled.length).toBe(started);
    expect(handled.length).toBeLessThan(400);
    consume(each(({ value }) => handled.push(value.version)));
    await waitFor(() => handled.length >= 400, { describe: 'the others' });
    expect([...handled].sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, index) => index));
  });

  it('pauses and resumes', async () => {
    const handled: number[] = [];
    const consumer = consume(each(({ value }) => handled.push(value.version)));
    await send('acme', 1);
    await waitFor(() => handled.length === 1);
    consumer.pause();
    await send('acme', 2);
    // The fetch that was under way when it paused may last half a second; after it nothing may come.
    await waitFor(() => consumer.health().then(() => true));
    consumer.resume();
    await waitFor(() => handled.length === 2, { describe: 'the event after the pause' });
    expect(handled).toEqual([1, 2]);
  });
});
