import { createPostgres, type Postgres } from '@soma/postgres';
import { createRedis, type Redis } from '@soma/redis';
import { platform, type Relay, startRelay, uniqueName, waitFor } from '@soma/testing';
import { entries } from '../../test/notifications.js';
import { Reader } from '../../test/reader.js';
import { createTestStore, logger, type TestStore } from '../../test/test-store.js';
import { createNotificationStore } from '../adapters/notification-store.js';
import { createRedisWakeUp } from '../adapters/redis-wake-up.js';
import { parseCursor } from '../core/cursor.js';
import { lastOf, weekMs } from '../core/retention.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { Hub, type Start } from './hub.js';

const squad = 'infra-ops';
/** So long that only a wake-up can have ended the sleep. */
const never = 600_000;

let test: TestStore;
let toPostgres: Relay;
let toRedis: Relay;
let postgres: Postgres;
let redis: Redis;
let wakeUp: WakeUp;
let running: Promise<void>[];
let readers: Reader[];

beforeEach(async () => {
  test = await createTestStore();
  toPostgres = await startRelay(test.url);
  toRedis = await startRelay(platform().redisUrl);
  postgres = createPostgres({ SOMA_POSTGRES_URL: toPostgres.url }, { logger });
  redis = createRedis({ SOMA_REDIS_URL: toRedis.url }, { logger, name: uniqueName('feed') });
  wakeUp = await createRedisWakeUp(redis, logger);
  running = [];
  readers = [];
});

afterEach(async () => {
  for (const reader of readers) reader.leave();
  await Promise.all(running);
  await redis.quit();
  await toRedis.close();
  await postgres.end();
  await toPostgres.close();
  await test.drop();
});

const hubOf = (
  options: {
    pollMs?: number;
    heartbeatMs?: number;
    cutOffMs?: number;
    maxReaders?: number;
    store?: NotificationStore;
  } = {},
) =>
  new Hub({
    store: createNotificationStore(postgres),
    wakeUp,
    logger,
    pollMs: never,
    heartbeatMs: never,
    cutOffMs: never,
    maxReaders: 100,
    ...options,
  });

const read = async (hub: Hub, start: Start = { cursor: { position: 0n } }, allowed = true) => {
  const reader = new Reader();
  readers.push(reader);
  const rights = { allowed };
  const opened = await hub.open(squad, start);
  running.push(
    hub.serve(opened, { sink: reader, transport: 'spec', allowed: () => Promise.resolve(rights.allowed) }),
  );
  return Object.assign(reader, { rights });
};

const append = async (from: number, count: number): Promise<void> => {
  await test.store.append(entries(from, count));
  await wakeUp.announce();
};

const stored = async (): Promise<string[]> =>
  (await test.store.after(squad, '0', 100_000)).notifications.map(({ position }) => position);

it('joins the replay and what happens meanwhile without a hole and without a double, for all readers', async () => {
  await append(0, 2_700);
  const hub = hubOf();
  const early = await Promise.all(Array.from({ length: 5 }, () => read(hub)));
  for (let batch = 0; batch < 20; batch += 1) {
    await append(2_700 + batch * 10, 10);
    if (batch % 5 === 0) await read(hub);
  }
  await waitFor(() => readers.every(({ frames }) => frames.length >= 2_900));
  const all = await stored();
  for (const reader of readers) expect(reader.positions).toEqual(all);
  expect(early[0]?.told).toEqual([]);
});

it('reads a page of the log once for readers that come back together', async () => {
  await append(0, 2_500);
  const store = createNotificationStore(postgres);
  let reads = 0;
  const counting: NotificationStore = {
    ...store,
    after: (...query) => {
      reads += 1;
      return store.after(...query);
    },
  };
  const hub = hubOf({ store: counting });
  await Promise.all(Array.from({ length: 20 }, () => read(hub)));
  await waitFor(() => readers.every(({ frames }) => frames.length >= 2_500));
  const all = await stored();
  for (const reader of readers) expect(reader.positions).toEqual(all);
  // Three pages and the tail's own look; a reader that was late may need pages of its own.
  expect(reads).toBeLessThan(20);
});

it('begins behind a cursor, at a time, or now', async () => {
  await append(0, 20);
  const all = await stored();
  const { rows } = await test.postgres.query<{ now: number }>(
    'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now',
  );
  const hub = hubOf();
  const now = await read(hub, 'now');
  await append(20, 5);
  const behind = await read(hub, { cursor: { position: BigInt(all[11] ?? 0) } });
  const since = await read(hub, { since: Number(rows[0]?.now) });
  await waitFor(() => now.frames.length >= 5 && behind.frames.length >= 13 && since.frames.length >= 5);
  expect(now.positions).toEqual((await stored()).slice(20));
  expect(behind.positions).toEqual((await stored()).slice(12));
  expect(since.positions).toEqual((await stored()).slice(20));
});

it('holds nothing in memory for a reader that is slow, and loses nothing of it', async () => {
  const hub = hubOf();
  const [quick, slow] = [await read(hub), await read(hub)];
  await append(0, 10);
  await waitFor(() => quick.frames.length === 10 && slow.frames.length === 10);
  slow.open = false;
  for (let batch = 0; batch < 30; batch += 1) await append(10 + batch * 100, 100);
  await waitFor(() => quick.frames.length === 3_010);
  // One batch at most: the one that told that it wants no more.
  expect(slow.frames.length).toBeLessThanOrEqual(10 + 500);
  slow.open = true;
  await waitFor(() => slow.frames.length >= 3_010);
  expect(slow.positions).toEqual(await stored());
  await append(3_010, 1);
  await waitFor(() => slow.frames.length === 3_011);
  expect(slow.positions).toEqual(await stored());
});

it('finds news by itself while Redis is away', async () => {
  const [sleeper, poller] = [await read(hubOf()), await read(hubOf({ pollMs: 50 }))];
  await append(0, 1);
  await waitFor(() => sleeper.frames.length === 1 && poller.frames.length === 1);
  await toRedis.cut();
  await append(1, 4);
  await waitFor(() => poller.frames.length === 5);
  expect(sleeper.frames).toHaveLength(1);
  await toRedis.restore();
  await waitFor(async () => {
    await wakeUp.announce();
    return sleeper.frames.length === 5;
  });
});

it('sends its readers elsewhere when it is cut off from PostgreSQL, and takes new ones when it is back', async () => {
  const hub = hubOf({ pollMs: 50, cutOffMs: 500 });
  const reader = await read(hub);
  await append(0, 3);
  await waitFor(() => reader.frames.length === 3);
  await toPostgres.cut();
  await waitFor(() => reader.closed.aborted);
  expect(reader.told).toEqual(['cut-off']);
  await expect(hub.open(squad, 'now')).rejects.toMatchObject({ status: 503 });
  await test.store.append(entries(3, 2));
  await toPostgres.restore();
  const last = { cursor: { position: reader.frames.at(-1)?.position ?? 0n } };
  const again = await waitFor(() => read(hub, last).catch(() => undefined));
  await waitFor(() => again.frames.length === 2);
  expect([...reader.positions, ...again.positions]).toEqual(await stored());
});

it('tells a gap, once, and goes on with what is left', async () => {
  await append(0, 3);
  const week = Math.floor(Date.now() / weekMs);
  const floor = lastOf({ week: week - 1, severity: 'info' });
  await test.postgres.query("UPDATE feed_floor SET position = $1 WHERE severity = 'info'", [floor]);
  const hub = hubOf({ pollMs: 50 });
  const { epoch } = await test.store.state();
  const old = await read(hub, { cursor: { epoch, position: 5n } });
  const since = await read(hub, { since: Date.now() - 5 * weekMs });
  const foreign = await read(hub, { cursor: { epoch: 'other000', position: 5n } });
  await append(3, 1);
  await waitFor(() => [old, since, foreign].every(({ frames }) => frames.length === 4));
  const gone = { to: `${epoch}.${floor}`, reason: 'retention', severities: ['info'] };
  expect(old.told).toEqual([{ ...gone, from: `${epoch}.5` }]);
  expect(since.told).toEqual([{ ...gone, from: expect.stringContaining(epoch) as string }]);
  expect(foreign.told).toEqual([{ from: 'other000.5', to: `${epoch}.0`, reason: 'epoch' }]);
});

it('tells a reader that is overtaken by the retention while it reads', async () => {
  await append(0, 5_000);
  const hub = hubOf();
  const reader = await read(hub);
  reader.open = false;
  await waitFor(() => reader.frames.length > 0);
  const { head } = await test.store.state();
  await test.postgres.query("UPDATE feed_floor SET position = $1 WHERE severity = 'info'", [head]);
  reader.open = true;
  await waitFor(() => reader.frames.length === 5_000);
  expect(reader.told).toMatchObject([{ reason: 'retention', severities: ['info'] }]);
});

it('ends streams when another epoch begins, so that clients are told', async () => {
  const hub = hubOf();
  await append(0, 1);
  const reader = await read(hub);
  await waitFor(() => reader.frames.length === 1);
  await test.store.beginEpoch('restored');
  await wakeUp.announce();
  await waitFor(() => reader.closed.aborted);
  expect(reader.told).toEqual(['new-epoch']);
  const cursor = parseCursor(reader.frames[0]?.cursor ?? '');
  const again = await read(hub, cursor ? { cursor } : 'now');
  await append(1, 1);
  await waitFor(() => again.frames.length === 1);
  expect(again.told).toMatchObject([{ reason: 'epoch' }]);
});

it('moves the cursor of a quiet feed along, and asks whether the reader may still read', async () => {
  const hub = hubOf({ heartbeatMs: 50 });
  const reader = await read(hub);
  await waitFor(() => reader.idles.length > 0);
  await test.store.append(entries(0, 3, { squads: ['ui-experience'] }));
  await wakeUp.announce();
  const { epoch, head } = await test.store.state();
  await waitFor(() => reader.idles.at(-1) === `${epoch}.${head}`);
  reader.rights.allowed = false;
  await waitFor(() => reader.closed.aborted);
  expect(reader.told).toEqual(['not-allowed']);
});

it('never moves the cursor of a reader back that has read further than the tail', async () => {
  await append(0, 3);
  const hub = hubOf({ heartbeatMs: 50 });
  const first = await read(hub);
  await waitFor(() => first.frames.length === 3 && first.idles.length > 0);
  // Nobody wakes the tail: only a reader that comes now, and reads the log itself, sees these.
  await test.store.append(entries(3, 2));
  const second = await read(hub);
  await waitFor(() => second.frames.length === 5 && second.idles.length > 0);
  expect(first.frames).toHaveLength(3);
  expect(second.idles[0]).toBe(second.frames.at(-1)?.cursor);
});

it('takes a reader that has missed nothing but what concerns others', async () => {
  await append(0, 3);
  const hub = hubOf({ heartbeatMs: 50 });
  const first = await read(hub);
  await waitFor(() => first.frames.length === 3);
  await test.store.append(entries(3, 2, { squads: ['ui-experience'] }));
  await wakeUp.announce();
  const { epoch, head } = await test.store.state();
  await waitFor(() => first.idles.at(-1) === `${epoch}.${head}`);
  const second = await read(hub, { cursor: { position: first.frames.at(-1)?.position ?? 0n } });
  await append(5, 1);
  await waitFor(() => second.frames.length === 1);
  expect(second.positions).toEqual((await stored()).slice(3));
});

it('gives nothing, not even of the past, to a reader that may not read any more', async () => {
  await append(0, 10);
  const reader = await read(hubOf(), { cursor: { position: 0n } }, false);
  await waitFor(() => reader.closed.aborted);
  expect(reader.frames).toEqual([]);
});

it('takes no more readers than it may, and none when it stops', async () => {
  const hub = hubOf({ maxReaders: 2 });
  const [first] = [await read(hub), await read(hub)];
  await expect(hub.open(squad, 'now')).rejects.toMatchObject({ status: 503, code: 'too-many-readers' });
  first.leave();
  await waitFor(() => hub.open(squad, 'now').catch(() => undefined));
  hub.close();
  await Promise.all(running);
  expect(readers.map(({ told }) => told)).toEqual([[], ['shutdown']]);
  await expect(hub.open(squad, 'now')).rejects.toMatchObject({ status: 503 });
});
