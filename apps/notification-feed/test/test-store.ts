import { fileURLToPath } from 'node:url';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { platform } from '@soma/testing';
import { createNotificationStore } from '../src/adapters/notification-store.js';
import type { NotificationStore } from '../src/ports.js';

export const logger = createLogger({ service: 'notification-feed', level: 'silent' });

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

/** A migrated database of a test's own, on the real server. */
export interface TestStore {
  readonly url: string;
  readonly postgres: Postgres;
  readonly store: NotificationStore;
  drop(): Promise<void>;
}

export const createTestStore = async (): Promise<TestStore> => {
  const database = await createTestDatabase(platform().postgresUrl);
  await migrate(database.url, migrations);
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  return {
    url: database.url,
    postgres,
    store: createNotificationStore(postgres),
    drop: async () => {
      await postgres.end();
      await database.drop();
    },
  };
};
