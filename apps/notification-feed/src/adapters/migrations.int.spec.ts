import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPostgres, migrate } from '@soma/postgres';
import { createTestDatabase, type TestDatabase } from '@soma/postgres/testing';
import { platform } from '@soma/testing';
import { entry } from '../../test/notifications.js';
import { logger } from '../../test/test-store.js';
import { createNotificationStore } from './notification-store.js';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

/** What a replica from before origins sends. */
const insertWithoutOrigin = `
  INSERT INTO notification (topic, partition, record_offset, squads, source, kind, severity, title, body, dedupe_key,
                            happened_at)
  VALUES ('settings.changed', $1, $2, '{*}', 'settings-api', 'settings.changed', 'info', 'old', '', 'key', now())
  ON CONFLICT (topic, partition, record_offset) DO NOTHING`;

let database: TestDatabase;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase(platform().postgresUrl);
  folder = await mkdtemp(join(tmpdir(), 'soma-migrations-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

it('gives origins to what is stored, and to what old replicas store during a rolling update', async () => {
  const first = '0001_notification.sql';
  await copyFile(join(migrations, first), join(folder, first));
  await migrate(database.url, folder);
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  try {
    const insertOld = (offset: number) => postgres.query(insertWithoutOrigin, [offset % 6, offset]);
    await insertOld(1);
    await migrate(database.url, migrations);
    const store = createNotificationStore(postgres);
    await insertOld(2);
    // The same events at the other kind of replica, both ways round.
    const placements = await store.append([entry(1), entry(2), entry(3)]);
    expect(placements.map(({ isNew }) => isNew)).toEqual([false, false, true]);
    expect((await insertOld(3)).rowCount).toBe(0);
    expect((await store.after('infra-ops', '0', 10)).map(({ origin, title }) => [origin, title])).toEqual([
      ['kafka:settings.changed/1/1', 'old'],
      ['kafka:settings.changed/2/2', 'old'],
      ['kafka:settings.changed/3/3', 'Notification 3'],
    ]);
  } finally {
    await postgres.end();
  }
});
