import { createRedis, type Redis } from '@soma/redis';
import { platform, type Relay, startRelay, uniqueName, waitFor } from '@soma/testing';
import { entries } from '../test/notifications.js';
import { createTestStore, logger, type TestStore } from '../test/test-store.js';
import { createRedisWakeUp } from './adapters/redis-wake-up.js';
import { follow } from './follow.js';
import type { StoredNotification, WakeUp } from './ports.js';

const squad = 'infra-ops';
/** So long that only a wake-up can have ended the sleep. */
const neverPoll = 600_000;

let test: TestStore;
let relay: Relay;
let redis: Redis;
let wakeUp: WakeUp;
let ending: AbortController;
let readers: Promise<void>[];

beforeEach(async () => {
  test = await createTestStore();
  relay = await startRelay(platform().redisUrl);
  redis = createRedis({ SOMA_REDIS_URL: relay.url }, { logger, name: uniqueName('feed') });
  wakeUp = await createRedisWakeUp(redis, logger);
  ending = new AbortController();
  readers = [];
});

afterEach(async () => {
  ending.abort();
  await Promise.all(readers);
  await redis.quit();
  await relay.close();
  await test.drop();
});

/** Follows the feed in the background; what it has seen so far, and how many pages it took. */
const read = (pollMs: number, after = '0') => {
  const seen: StoredNotification[] = [];
  const reader = { seen, pages: 0 };
  const running = async (): Promise<void> => {
    for await (const page of follow(test.store, wakeUp, { squad, after, signal: ending.signal, pollMs })) {
      seen.push(...page);
      reader.pages += 1;
    }
  };
  readers.push(running());
  return reader;
};

const stored = () => test.store.after(squad, '0', 100_000);

const append = async (from: number, count: number): Promise<void> => {
  await test.store.append(entries(from, count));
  await wakeUp.announce();
};

it('joins the replay and what happens meanwhile without a hole and without a double', async () => {
  await append(0, 1_700);
  const reader = read(neverPoll);
  for (let batch = 0; batch < 20; batch += 1) await append(1_700 + batch * 10, 10);
  await waitFor(() => reader.seen.length >= 1_900);
  expect(reader.seen).toEqual(await stored());
});

it('begins behind the cursor that it is given', async () => {
  await append(0, 20);
  const all = await stored();
  const reader = read(neverPoll, all[11]?.position);
  await append(20, 5);
  await waitFor(() => reader.seen.length >= 13);
  expect(reader.seen).toEqual((await stored()).slice(12));
});

it('is woken through Redis', async () => {
  const reader = read(neverPoll);
  await waitFor(() => reader.pages === 1, { describe: 'the first, empty look' });
  await append(0, 3);
  await waitFor(() => reader.seen.length === 3);
});

it('finds news by itself while Redis is away, and is woken again when it is back', async () => {
  const sleeper = read(neverPoll);
  const poller = read(50);
  await append(0, 1);
  await waitFor(() => sleeper.seen.length === 1 && poller.seen.length === 1);
  await relay.cut();
  await append(1, 4);
  await waitFor(() => poller.seen.length === 5);
  expect(sleeper.seen).toHaveLength(1);
  await relay.restore();
  await waitFor(async () => {
    await wakeUp.announce();
    return sleeper.seen.length === 5;
  });
  expect(sleeper.seen).toEqual(await stored());
});

it('ends at once when it is told to, also in its sleep', async () => {
  const reader = read(neverPoll);
  await waitFor(() => reader.pages === 1);
  ending.abort();
  await Promise.all(readers);
  expect(reader.seen).toEqual([]);
});
