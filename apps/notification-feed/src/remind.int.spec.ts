import { createRedis } from '@soma/redis';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { entry } from '../test/notifications.js';
import { createTestStore, logger, type TestStore } from '../test/test-store.js';
import { createPeopleStore } from './adapters/people-store.js';
import { createRedisWakeUp } from './adapters/redis-wake-up.js';
import type { SquadFile } from './core/rules/load-rules.js';
import { remind } from './remind.js';

let test: TestStore;

beforeEach(async () => {
  test = await createTestStore();
});

afterEach(() => test.drop());

const escalation = { after: { text: '1m', ms: 60_000 }, to: ['ui-experience' as const] };

it('tells every squad, also behind one whose plan cannot be followed, and wakes the streams', async () => {
  const redis = createRedis({ SOMA_REDIS_URL: platform().redisUrl }, { logger, name: uniqueName('feed') });
  try {
    const wakeUp = await createRedisWakeUp(redis, logger);
    let woken = 0;
    wakeUp.onWake(() => (woken += 1));
    const people = createPeopleStore(test.postgres);
    await test.store.append([entry(1, { severity: 'critical' })]);
    await test.postgres.query("UPDATE notification_log SET stored_at = stored_at - interval '2 minutes'");
    const files: SquadFile[] = [
      {
        squad: 'identity-settings',
        rules: [],
        digest: { at: '0 8 * * *', timeZone: 'Mars', minSeverity: 'info' },
      },
      { squad: 'infra-ops', rules: [], escalation },
      { squad: 'slm-execution', rules: [] },
    ];
    await expect(remind(files, people, wakeUp)).rejects.toMatchObject({ errors: [expect.any(Error)] });
    const { notifications: told } = await test.store.after('ui-experience', '0', 10);
    expect(told.map(({ kind }) => kind)).toEqual(['settings.changed', 'feed.escalated']);
    await waitFor(() => woken > 0);
  } finally {
    await redis.quit();
  }
});
