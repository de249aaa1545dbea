import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createTestDatabase, migrateDown, type TestDatabase } from '@soma/postgres/testing';
import { platform } from '@soma/testing';
import { entries, entry } from '../../test/notifications.js';
import { logger } from '../../test/test-store.js';
import { resume } from '../core/cursor.js';
import { createNotificationStore } from './notification-store.js';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

let database: TestDatabase;
let postgres: Postgres;

beforeEach(async () => {
  database = await createTestDatabase(platform().postgresUrl);
  await migrate(database.url, migrations);
  postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
});

afterEach(async () => {
  await postgres.end();
  await database.drop();
});

const list = async <T>(sql: string): Promise<T[]> => {
  const { rows } = await postgres.query<{ value: T }>(sql);
  return rows.map(({ value }) => value);
};

/** Names of what is in the database, besides the tables of partitions. */
const objects = () =>
  list<string>(`
    SELECT relkind::text || ' ' || relname AS value FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND NOT relispartition AND relkind IN ('r', 'p', 'v', 'S')
    UNION SELECT 'f ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1`);

/** Three rows from Kafka and one that was posted, whatever they are addressed to. */
const fill = async () => {
  const store = createNotificationStore(postgres);
  const { notification } = entry(9);
  const all = entries(1, 3, { squads: ['infra-ops'], metadata: { tenant: 'acme' } });
  await store.append(all);
  await store.append([{ origin: 'http:posted', notification }]);
  return store;
};

const rowsOf = (table: string) =>
  list<object>(`
    SELECT to_jsonb(one) - 'stored_at' - 'origin' AS value FROM ${table} AS one WHERE topic IS NOT NULL ORDER BY position`);

it('goes back one by one and up again from each, and what was from Kafka stays to the first version', async () => {
  await fill();
  const fromKafka = await rowsOf('notification_log');
  expect(fromKafka).toHaveLength(3);
  const whole = await objects();
  const names = (await readdir(migrations)).toSorted().map((name) => name.replace(/\.sql$/, ''));
  for (let back = 1; back < names.length; back += 1) {
    const expected = names.slice(-back).toReversed();
    expect(await migrateDown(database.url, migrations, back)).toEqual(expected);
    const last = names.at(-1 - back) ?? '';
    const table = last < '0011' ? 'notification' : 'notification_log';
    expect([last, await rowsOf(table)]).toEqual([last, fromKafka]);
    // What was posted had no place in the first version; it goes for good, and nothing else.
    const [posted] = await list<string>(`SELECT count(*) AS value FROM ${table} WHERE topic IS NULL`);
    expect([last, posted]).toEqual([last, last < '0002' ? '0' : '1']);
    expect(await migrate(database.url, migrations)).toEqual(expected.toReversed());
    expect([last, await objects()]).toEqual([last, whole]);
    expect(await rowsOf('notification_log')).toEqual(fromKafka);
  }
}, 120_000);

it('goes on after a version without the log as another epoch: readers are told, and miss nothing', async () => {
  const store = await fill();
  const before = await store.state();
  const names = (await readdir(migrations)).toSorted();
  const back = names.filter((name) => name >= '0011').length;
  await migrateDown(database.url, migrations, back);
  // The old version goes on behind what there is.
  await postgres.query(`
    INSERT INTO notification (topic, partition, record_offset, squads, source, kind, severity, title, body, dedupe_key,
                              happened_at)
    VALUES ('settings.changed', 4, 4, '{*}', 'settings-api', 'settings.changed', 'info', 'meanwhile', '', 'key', now())`);
  await migrate(database.url, migrations);
  const { epoch, begins, head } = await store.state();
  expect(epoch).not.toBe(before.epoch);
  expect(
    resume({ epoch: before.epoch, position: before.head }, { ...before, epoch, begins, head }),
  ).toMatchObject({
    position: 0n,
    gap: { reason: 'epoch' },
  });
  const { notifications } = await store.after('infra-ops', '0', 10);
  expect(notifications.map(({ title }) => title)).toEqual([
    'Notification 1',
    'Notification 2',
    'Notification 3',
    'Notification 9',
    'meanwhile',
  ]);
  // What comes again is known, and what is new has its place behind the rest.
  const placements = await store.append(entries(3, 2));
  expect(placements.map(({ isNew }) => isNew)).toEqual([false, false]);
  const [next] = await store.append(entries(5, 1));
  expect(BigInt(next?.position ?? 0)).toBeGreaterThan(head);
});

it('goes back to nothing, and begins anew', async () => {
  await fill();
  const { length } = await readdir(migrations);
  expect(await migrateDown(database.url, migrations, length)).toHaveLength(length);
  expect(await objects()).toEqual(['S migrations_id_seq', 'r migrations']);
  await migrate(database.url, migrations);
  const store = await fill();
  expect((await store.after('infra-ops', '0', 10)).notifications).toHaveLength(4);
});
