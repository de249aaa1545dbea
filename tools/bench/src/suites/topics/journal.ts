import { createPostgres, migrate, postgresEnv } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { loadConfig } from '@soma/service-kit';
import { createLogger } from '@soma/telemetry';
import { createJournal, type Journal, migrations } from '@soma/topic-provisioner';
import { z } from 'zod';
import type { Connection } from '../../connection.js';

const logger = createLogger({ service: 'bench', level: 'silent' });

/** Runs work with the journal that a database keeps. */
export const withJournalAt = async <T>(url: string, work: (journal: Journal) => Promise<T>): Promise<T> => {
  const config = { SOMA_POSTGRES_URL: url };
  const postgres = createPostgres(config, { logger, applicationName: 'bench topics' });
  try {
    return await work(createJournal(postgres, config));
  } finally {
    await postgres.end();
  }
};

/** Runs work with the URL of a database of its own that has the journal's tables, and drops it. */
export const withJournalDatabase = async <T>(
  { env }: Connection,
  work: (url: string) => Promise<T>,
): Promise<T> => {
  const { SOMA_POSTGRES_URL } = loadConfig(
    z.object({ SOMA_POSTGRES_URL: postgresEnv.SOMA_POSTGRES_URL }),
    env,
  );
  const database = await createTestDatabase(SOMA_POSTGRES_URL);
  try {
    await migrate(database.url, migrations);
    return await work(database.url);
  } finally {
    await database.drop();
  }
};
