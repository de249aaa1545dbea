import { fileURLToPath } from 'node:url';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createTestDatabase, type TestDatabase } from '@soma/postgres/testing';
import { platform, waitFor } from '@soma/testing';
import { entry } from '../../test/notifications.js';
import { insertOld, migrateTo } from '../../test/old-version.js';
import { logger } from '../../test/test-store.js';
import { parseCursor, resume } from '../core/cursor.js';
import { createNotificationStore } from './notification-store.js';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase(platform().postgresUrl);
});

afterEach(async () => {
  await database.drop();
});

const withPostgres = async (work: (postgres: Postgres) => Promise<void>): Promise<void> => {
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  try {
    await work(postgres);
  } finally {
    await postgres.end();
  }
};

it.each(['0001_notification.sql', '0002_notification_origin.sql', '0010_rules.sql'])(
  'keeps the rows of %s at their places, and knows them when they come again',
  async (version) => {
    await migrateTo(database.url, version);
    await withPostgres(async (postgres) => {
      for (const offset of [1, 2, 3])
        await postgres.query(insertOld, ['settings.changed', offset % 6, offset]);
      const { rows } = await postgres.query<{ position: string }>(
        'SELECT position FROM notification ORDER BY 1',
      );
      await migrate(database.url, migrations);
      const store = createNotificationStore(postgres);
      const placements = await store.append([entry(1), entry(2), entry(4)]);
      expect(placements.map(({ isNew }) => isNew)).toEqual([false, false, true]);
      const { notifications, state } = await store.after('infra-ops', '0', 10);
      expect(notifications.map(({ origin, title }) => [origin, title])).toEqual([
        ['kafka:settings.changed/1/1', 'old'],
        ['kafka:settings.changed/2/2', 'old'],
        ['kafka:settings.changed/3/3', 'old'],
        ['kafka:settings.changed/4/4', 'Notification 4'],
      ]);
      expect(notifications.slice(0, 3).map(({ position }) => position)).toEqual(
        rows.map(({ position }) => position),
      );
      // A reader that had seen the second row goes on with its old cursor, and is told of no gap.
      const cursor = parseCursor(rows[1]?.position ?? '');
      if (!cursor) throw new Error('no cursor');
      expect(resume(cursor, state)).toEqual({ position: cursor.position });
      expect((await store.after('infra-ops', cursor.position, 10)).notifications).toHaveLength(2);
    });
  },
);

it('keeps what a replica of the version before was writing when the log was made', async () => {
  await migrateTo(database.url, '0010_rules.sql');
  await withPostgres(async (postgres) => {
    const migrated = await postgres.transaction(async (transaction) => {
      await transaction.query(insertOld, ['settings.changed', 1, 1]);
      const migrating = migrate(database.url, migrations);
      await waitFor(async () => {
        const { rows } = await postgres.query(
          `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'notification'::regclass`,
        );
        return rows.length > 0;
      });
      return { migrating };
    });
    await migrated.migrating;
    const { notifications } = await createNotificationStore(postgres).after('infra-ops', '0', 10);
    expect(notifications.map(({ title }) => title)).toEqual(['old']);
  });
});

it('tells replicas of the version before that the database is away: they wait, and put no event aside', async () => {
  await migrateTo(database.url, '0010_rules.sql');
  await withPostgres(async (postgres) => {
    await migrate(database.url, migrations);
    for (const statement of [
      postgres.query(insertOld, ['settings.changed', 1, 1]),
      postgres.query(
        'SELECT * FROM notification WHERE squads && $1 AND position > $2 ORDER BY position LIMIT $3',
        [['infra-ops', '*'], '0', 10],
      ),
      postgres.query('SELECT max(position) AS head FROM notification WHERE squads && $1', [['infra-ops']]),
    ]) {
      await expect(statement).rejects.toMatchObject({ name: 'PostgresUnavailable', transient: true });
    }
    expect((await createNotificationStore(postgres).after('infra-ops', '0', 10)).notifications).toEqual([]);
  });
});
