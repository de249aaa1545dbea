import { createPostgres, migrate, type PostgresConfig } from '@soma/postgres';
import { createLogger } from '@soma/telemetry';
import { createJournal, type Journal, migrations } from '@soma/topic-provisioner';

/** Runs work with the journal of applies, whose tables are made when they are missing. */
export const withJournal = async <T>(
  config: PostgresConfig,
  run: (journal: Journal) => Promise<T>,
): Promise<T> => {
  const caFile = config.SOMA_POSTGRES_CA_FILE;
  await migrate(config.SOMA_POSTGRES_URL, migrations, { ...(caFile !== undefined && { caFile }) });
  const logger = createLogger({ service: 'soma', level: 'silent' });
  const postgres = createPostgres(config, { logger, applicationName: 'soma topics' });
  try {
    return await run(createJournal(postgres, config));
  } finally {
    await postgres.end();
  }
};
