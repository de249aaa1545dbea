import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedis } from '@soma/redis';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { billingRule, charge, rulesOf } from '../test/rules.js';
import { createTestStore, logger, type TestStore } from '../test/test-store.js';
import { createRedisWakeUp } from './adapters/redis-wake-up.js';
import { createRuleStore } from './adapters/rule-store.js';
import { decideAll, keysOf } from './core/rules/batch.js';
import { match } from './core/rules/match.js';
import { RuleBook } from './rule-book.js';
import { createRuleMetrics } from './rule-metrics.js';
import { Upkeep } from './upkeep.js';

let test: TestStore;
let directory: string;

beforeEach(async () => {
  test = await createTestStore();
  directory = await mkdtemp(join(tmpdir(), 'soma-rules-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
  await test.drop();
});

it('releases what was held and wakes the streams, reads rules at SIGHUP, and ends when it is told to', async () => {
  const redis = createRedis({ SOMA_REDIS_URL: platform().redisUrl }, { logger, name: uniqueName('feed') });
  const wakeUp = await createRedisWakeUp(redis, logger);
  let woken = 0;
  wakeUp.onWake(() => (woken += 1));
  const store = createRuleStore(test.postgres);
  const book = new RuleBook(directory, store, createRuleMetrics(), logger);
  // A night that is long over: what it held is due.
  const night = { from: '22:00', to: '07:00', timeZone: 'UTC', then: 'hold' };
  const batch = [match(rulesOf([billingRule({ title: 'held', quietHours: night })]), charge(1))];
  const { outcomes } = await store.update(keysOf(batch), (state) =>
    decideAll(batch, state, Date.UTC(2026, 0, 1, 23)),
  );
  expect(outcomes).toMatchObject([{ outcome: 'held' }]);

  const retained: number[] = [];
  const retain = (now: number) => Promise.resolve(void retained.push(now));
  const upkeep = new Upkeep({ book, store, wakeUp, retain, logger, everyMs: 3_600_000 });
  upkeep.start();
  try {
    await waitFor(
      async () => (await test.store.after('identity-settings', '0', 10)).notifications.length === 1,
    );
    await waitFor(() => woken > 0 && retained.length > 0);
    await writeFile(
      join(directory, 'infra-ops.yaml'),
      JSON.stringify({ squad: 'infra-ops', rules: [billingRule()] }),
    );
    // Jest's process is a copy that no signal reaches; the e2e spec sends a real one.
    process.emit('SIGHUP', 'SIGHUP');
    await waitFor(() => book.rules.length === 1);
  } finally {
    await upkeep.stop();
    await redis.quit();
  }
  expect(process.listenerCount('SIGHUP')).toBe(0);
});
