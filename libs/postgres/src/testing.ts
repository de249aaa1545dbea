import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

/** Makes an empty database with a unique name, on the server and as the user of `adminUrl`. */
export async function createTestDatabase(adminUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await once(adminUrl, `CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => once(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function once(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Brings rows into a table with COPY, the fastest way there is; lines in PostgreSQL's text format, whose columns are named. */
export async function copyInto(url: string, table: string, lines: Iterable<string>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await pipeline(Readable.from(lines), client.query(copyFrom(`COPY ${table} FROM STDIN`)));
  } finally {
    await client.end();
  }
}

/** Takes back the last `count` migrations of `dir`, the newest first; answers their names in that order. */
export async function migrateDown(url: string, dir: string, count: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const reverted = await runner({
      dbClient: client,
      dir,
      direction: 'down',
      count,
      migrationsTable: 'migrations',
      log: () => undefined,
    });
    return reverted.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
