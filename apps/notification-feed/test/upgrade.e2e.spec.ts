import { EventConsumer, type Handler, type ReceivedEvent } from '@soma/kafka';
import { createPostgres } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { platform, type SpawnedService, waitFor } from '@soma/testing';
import type { TopicName } from '@soma/contracts';
import { createNotificationStore } from '../src/adapters/notification-store.js';
import { feedTopics } from '../src/core/rules/feed-topics.js';
import { type Balancer, startBalancer } from './balancer.js';
import { openEventStream } from './event-stream.js';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { insertOld, migrateTo } from './old-version.js';
import { logger } from './test-store.js';
import { deadLetters, listen, post, produce, squad, subscribe } from './traffic.js';

let site: FeedSite;
let balancer: Balancer;
let ending: AbortController;

beforeEach(async () => {
  site = await createFeedSite();
  balancer = await startBalancer();
  ending = new AbortController();
}, 90_000);

afterEach(async () => {
  ending.abort();
  await balancer.close();
  await site.drop();
}, 90_000);

it('loses and doubles nothing while replicas are replaced one by one, twice', async () => {
  const start = () => site.start({ FEED_POLL_MS: '200', FEED_HEARTBEAT_MS: '1000' });
  const replicas: SpawnedService[] = [await start(), await start()];
  const balance = (): void => balancer.to(replicas.map(({ url }) => url));
  balance();
  const { store } = site.database;
  const stored = async () => (await store.after(squad, '0', 100_000)).notifications;
  const count = async () =>
    Number(
      (await site.database.postgres.query<{ n: string }>('SELECT count(*) AS n FROM notification_log'))
        .rows[0]?.n,
    );
  const produced = produce(site);
  const posted = post(site, balancer.url);
  const readers = [subscribe, subscribe, subscribe, listen, listen, listen].map((read) =>
    read(site, balancer.url, ending.signal),
  );
  await waitFor(() => readers.every(({ positions }) => positions.length > 0), { timeoutMs: 60_000 });
  const { state } = await store.after(squad, '0', 1);
  for (const [index] of [...replicas.entries(), ...replicas.entries()]) {
    // It stays in the list until it is gone: requests meet one that is about to stop, or has stopped.
    expect(await replicas[index]?.stop()).toEqual({ code: 0, signal: null });
    replicas[index] = await start();
    balance();
    const length = await count();
    await waitFor(() => readers.every(({ positions }) => positions.length >= length), { timeoutMs: 60_000 });
  }
  await Promise.all([produced.stop(), posted.stop()]);
  const total = produced.places.length + posted.titles.length;
  await waitFor(async () => (await count()) >= total, { timeoutMs: 60_000 });
  const rows = await stored();
  const positions = rows.map(({ position }) => position);
  await waitFor(() => readers.every((reader) => reader.positions.length >= positions.length), {
    timeoutMs: 60_000,
  });

  const places = rows.flatMap(({ coordinate }) =>
    coordinate ? [`${coordinate.partition}/${coordinate.offset}`] : [],
  );
  expect(places.toSorted()).toEqual(produced.places.toSorted());
  const titles = rows.filter(({ coordinate }) => coordinate === null).map(({ title }) => title);
  expect(titles).toEqual(posted.titles);
  for (const reader of readers) expect(reader.positions).toEqual(positions);
  // Each was moved: by each replica that it was on.
  for (const reader of readers) expect(reader.connections()).toBeGreaterThan(1);
  expect(await deadLetters(site)).toBe(0);

  // A place from before the first restart, as a cursor and as a bare position.
  const behind = positions.filter((position) => BigInt(position) > state.head);
  for (const cursor of [`${state.epoch}.${state.head}`, `${state.head}`]) {
    const stream = await openEventStream(`${balancer.url}/v1/stream?squad=${squad}`, {
      token: site.token('operator'),
      lastEventId: cursor,
    });
    await waitFor(() => stream.messages.length >= behind.length);
    stream.close();
    expect(stream.messages.map(({ event, data }) => [event, data.position])).toEqual(
      behind.map((position) => ['notification', position]),
    );
  }
}, 240_000);

it('takes over from the version before the log, whose replica waits meanwhile and puts no event aside', async () => {
  const database = await createTestDatabase(platform().postgresUrl);
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  await migrateTo(database.url, '0010_rules.sql');
  const refusals: unknown[] = [];
  // The old replica: its statements, in its consumer group, with the consumer that it has.
  const insertAll: Handler = {
    kind: 'batch',
    maxEvents: 100,
    handle: async (events: readonly ReceivedEvent[]) => {
      for (const { physicalTopic, partition, offset } of events) {
        await postgres.query(insertOld, [physicalTopic, partition, offset]).catch((error: unknown) => {
          refusals.push(error);
          throw error;
        });
      }
    },
  };
  const nothing: Handler = { kind: 'batch', maxEvents: 100, handle: () => Promise.resolve() };
  const old = new EventConsumer(site.settings, {
    service: 'notification-feed',
    group: 'notification-feed',
    serde: site.serde,
    producer: site.producer,
    logger,
    handlers: new Map<TopicName, Handler>(
      feedTopics.map((topic) => [topic, topic === 'settings.changed' ? insertAll : nothing]),
    ),
  });
  const produced = produce(site);
  try {
    old.start();
    const oldRows = async () =>
      (
        await postgres.query<{ position: string }>(
          'SELECT position::text FROM notification ORDER BY notification.position',
        )
      ).rows;
    await waitFor(async () => (await oldRows()).length >= 50, { timeoutMs: 60_000 });

    const service = await site.start({ SOMA_POSTGRES_URL: database.url, FEED_POLL_MS: '200' });
    await waitFor(() => refusals.length > 0, { timeoutMs: 30_000 });
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ name: 'PostgresUnavailable', transient: true });
    const store = createNotificationStore(postgres);
    const stored = async () => (await store.after(squad, '0', 100_000)).notifications;
    const before = (await stored()).filter(({ title }) => title === 'old');
    expect(before.length).toBeGreaterThanOrEqual(50);
    // Positions of the old version are small numbers, and bare positions are all that its readers have.
    const seen = before[9]?.position ?? '';
    expect(BigInt(seen)).toBeLessThan(1_000_000n);
    const stream = await openEventStream(`${service.url}/v1/stream?squad=${squad}`, {
      token: site.token('operator'),
      lastEventId: seen,
    });
    await waitFor(() => stream.messages.length >= before.length - 10);

    await old.stop();
    await produced.stop();
    await waitFor(async () => (await stored()).length >= produced.places.length, { timeoutMs: 60_000 });
    const rows = await stored();
    expect(rows.map(({ coordinate }) => `${coordinate?.partition}/${coordinate?.offset}`).toSorted()).toEqual(
      produced.places.toSorted(),
    );
    expect(rows.filter(({ title }) => title === 'old')).toEqual(before);
    await waitFor(() => stream.messages.length >= rows.length - 10);
    stream.close();
    expect(stream.messages.map(({ event, data }) => [event, data.position])).toEqual(
      rows.slice(10).map(({ position }) => ['notification', position]),
    );
    expect(await deadLetters(site)).toBe(0);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await produced.stop();
    await old.stop();
    await postgres.end();
    await database.drop();
  }
}, 240_000);
