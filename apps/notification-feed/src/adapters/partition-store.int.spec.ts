import { entry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import { lastOf, weekBegins, weekMs } from '../core/retention.js';
import { retain } from '../retain.js';
import { createPartitionStore } from './partition-store.js';

const dayMs = 86_400_000;
const retention = { info: 30 * dayMs, warning: 90 * dayMs, error: 180 * dayMs, critical: 400 * dayMs };
const severities = ['info', 'warning', 'error', 'critical'] as const;

let test: TestStore;

beforeEach(async () => {
  test = await createTestStore();
});

afterEach(() => test.drop());

/** One notification of each severity, as if it had been stored in that week. */
const store = async (week: number): Promise<void> => {
  await test.postgres.query('UPDATE feed SET head = $1', [weekBegins(week)]);
  await test.postgres.query('SELECT feed_add_week($1)', [week]);
  for (const severity of severities) {
    await test.postgres.query(
      `WITH taken AS (UPDATE feed SET head = head + 1 RETURNING head),
            origin AS (INSERT INTO notification_origin SELECT $1, head FROM taken)
       INSERT INTO notification_log (position, origin, squads, source, kind, severity, title, body, dedupe_key, happened_at,
                                     stored_at)
       SELECT head, $1, '{infra-ops}', 'spec', 'old', $2, 'old', '', 'old', to_timestamp($3), to_timestamp($3) FROM taken`,
      [`old:${week}/${severity}`, severity, (week * weekMs) / 1_000],
    );
  }
};

const left = async () =>
  (await test.store.after('infra-ops', '0', 100)).notifications.map(({ origin }) => origin);

it('lets go of each severity after its time, says so first, and drops whole partitions', async () => {
  const now = Date.now();
  const week = Math.floor(now / weekMs);
  const [young, old, ancient] = [week, week - 8, week - 70];
  await store(ancient);
  await store(old);
  await test.store.append([entry(1, { squads: ['infra-ops'] })]);
  const partitions = createPartitionStore(test.postgres);
  const round = retain(test.store, partitions, retention);

  await round(now);
  // Declared, and still there for whoever reads at this moment.
  expect((await test.store.state()).floors).toEqual({
    info: lastOf({ week: old, severity: 'info' }),
    warning: lastOf({ week: ancient, severity: 'warning' }),
    error: lastOf({ week: ancient, severity: 'error' }),
    critical: lastOf({ week: ancient, severity: 'critical' }),
  });
  expect(await left()).toHaveLength(9);

  await round(now);
  const kept = ['warning', 'error', 'critical'].map((severity) => `old:${old}/${severity}`);
  expect(await left()).toEqual([...kept, 'kafka:settings.changed/1/1']);
  const { rows } = await test.postgres.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relname ~ '^notification_log_w' AND relkind IN ('r', 'p') ORDER BY 1",
  );
  expect(rows.map(({ name }) => name)).toEqual(
    [0, old, young]
      .flatMap((one) => [
        `notification_log_w${one}`,
        ...severities.map((severity) => `notification_log_w${one}_${severity}`),
      ])
      .filter((name) => name !== `notification_log_w${old}_info`)
      .toSorted(),
  );
  // Keys of what no severity keeps any more are forgotten.
  const origins = await test.postgres.query('SELECT FROM notification_origin WHERE position <= $1', [
    lastOf({ week: ancient, severity: 'info' }),
  ]);
  expect(origins.rowCount).toBe(0);
  await round(now);
  expect(await left()).toHaveLength(4);
});

it('changes nothing while nothing is old enough', async () => {
  await test.store.append([entry(1)]);
  const round = retain(test.store, createPartitionStore(test.postgres), retention);
  await round(Date.now() + 20 * dayMs);
  expect((await test.store.state()).floors.info).toBe(0n);
  expect(await left()).toHaveLength(1);
});

it('is not held up by somebody who reads for long, and holds nobody up', async () => {
  const week = Math.floor(Date.now() / weekMs) - 70;
  await store(week);
  const partitions = createPartitionStore(test.postgres);
  await test.postgres.transaction(async (reader) => {
    await reader.query('SELECT FROM notification_log LIMIT 1');
    await expect(partitions.drop({ week, severity: 'info' })).rejects.toMatchObject({ code: '55P03' });
    expect(await left()).toHaveLength(4);
  });
  await partitions.drop({ week, severity: 'info' });
  expect(await left()).toHaveLength(3);
});
