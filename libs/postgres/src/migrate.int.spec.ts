import { fileURLToPath } from 'node:url';
import { createLogger } from '@soma/telemetry';
import { platform } from '@soma/testing';
import { migrate } from './migrate.js';
import { createPostgres } from './postgres.js';
import { createTestDatabase, type TestDatabase } from './testing.js';

const folder = (name: string): string => fileURLToPath(new URL(`../test/${name}`, import.meta.url));
const logger = createLogger({ service: 'spec', level: 'silent' });

describe('migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase(platform().postgresUrl);
  });
  afterEach(() => database.drop());

  const tables = async (): Promise<string[]> => {
    const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
    const { rows } = await postgres.query<{ tablename: string }>(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    await postgres.end();
    return rows.map(({ tablename }) => tablename);
  };

  it('applies each file once, in order', async () => {
    expect(await migrate(database.url, folder('migrations-good'))).toEqual(['0001_items', '0002_slow']);
    expect(await migrate(database.url, folder('migrations-good'))).toEqual([]);
    expect(await tables()).toEqual(['items', 'migrations']);
  });

  it('lets replicas that start together wait for the one that migrates', async () => {
    const replicas = Array.from({ length: 4 }, () =>
      migrate(database.url, folder('migrations-good'), { logger }),
    );
    const applied = await Promise.all(replicas);
    expect(applied.filter((names) => names.length > 0)).toEqual([['0001_items', '0002_slow']]);
  });

  it('applies nothing if one file is wrong', async () => {
    await expect(migrate(database.url, folder('migrations-bad'))).rejects.toThrow('nothing_like_it');
    expect(await tables()).not.toContain('items');
  });

  it('says so when the server is away', async () => {
    const nobody = 'postgres://u:p@127.0.0.1:1/d';
    await expect(migrate(nobody, folder('migrations-good'))).rejects.toMatchObject({
      code: 'POSTGRES_UNAVAILABLE',
    });
  });
});
