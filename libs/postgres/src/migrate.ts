import type { Logger } from '@soma/telemetry';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { PostgresConfig } from './config.js';
import { translate } from './errors.js';
import { connection } from './postgres.js';

export interface MigrateOptions {
  readonly logger?: Logger;
  /** The authority that signed the server, as SOMA_POSTGRES_CA_FILE. */
  readonly caFile?: string;
}

/**
 * Applies the SQL files of `dir` that the database has not seen yet, in the order of their names, all in one
 * transaction. Replicas that start together wait for each other: one migrates, the others find nothing left to do.
 * Answers the names of the files that were applied.
 *
 * @throws PostgresUnavailable, or the server's error with the file's name in its message; then nothing was applied.
 */
export async function migrate(
  url: string,
  dir: string,
  { logger, caFile }: MigrateOptions = {},
): Promise<string[]> {
  const config: PostgresConfig = { SOMA_POSTGRES_URL: url, ...(caFile && { SOMA_POSTGRES_CA_FILE: caFile }) };
  const client = new pg.Client(connection(config));
  let lost: Error | undefined;
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
    const applied = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      count: Infinity,
      migrationsTable: 'migrations',
      advisoryLockMode: 'wait',
      singleTransaction: true,
      log: () => undefined,
    });
    const names = applied.map(({ name }) => name);
    if (names.length > 0) logger?.info({ migrations: names }, 'database migrated');
    return names;
  } catch (error) {
    throw translate(lost ?? error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
