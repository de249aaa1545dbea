import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { platform } from '@soma/testing';
import { createJournal } from '../src/adapters/journal.js';
import { migrations } from '../src/migrations.js';
import type { Journal } from '../src/ports.js';

const logger = createLogger({ service: 'topic-provisioner', level: 'silent' });

/** The journal of one test, in a database of its own on the real server. */
export interface TestJournal {
  readonly url: string;
  readonly postgres: Postgres;
  readonly journal: Journal;
  drop(): Promise<void>;
}

export const createTestJournal = async (): Promise<TestJournal> => {
  const database = await createTestDatabase(platform().postgresUrl);
  await migrate(database.url, migrations);
  const config = { SOMA_POSTGRES_URL: database.url };
  const postgres = createPostgres(config, { logger });
  return {
    url: database.url,
    postgres,
    journal: createJournal(postgres, config),
    drop: async () => {
      await postgres.end();
      await database.drop();
    },
  };
};
