import {
  createLogger,
  InMemorySpanExporter,
  inSpan,
  SimpleSpanProcessor,
  startTelemetry,
} from '@soma/telemetry';
import { platform, startRelay, waitFor } from '@soma/testing';
import { PostgresUnavailable, sqlState, TransactionAborted } from './errors.js';
import { createPostgres, type Postgres } from './postgres.js';
import { createTestDatabase, type TestDatabase } from './testing.js';

const logger = createLogger({ service: 'spec', level: 'silent' });

let database: TestDatabase;
const pools: Postgres[] = [];

const open = (url = database.url, pool = 4): Postgres => {
  const postgres = createPostgres(
    { SOMA_POSTGRES_URL: url, SOMA_POSTGRES_POOL: pool },
    { logger, applicationName: 'spec' },
  );
  pools.push(postgres);
  return postgres;
};

beforeAll(async () => {
  database = await createTestDatabase(platform().postgresUrl);
  await open().query('CREATE TABLE items (id int PRIMARY KEY, name text NOT NULL)');
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

describe('query', () => {
  it('answers rows, and counts those it changed', async () => {
    const postgres = open();
    const inserted = await postgres.query('INSERT INTO items VALUES ($1, $2), ($3, $4)', [1, 'a', 2, 'b']);
    expect(inserted).toEqual({ rows: [], rowCount: 2 });
    const { rows } = await postgres.query<{ name: string }>(
      'SELECT name FROM items WHERE id <= $1 ORDER BY id',
      [2],
    );
    expect(rows).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it("passes the server's refusal on, with its SQLSTATE", async () => {
    const twice = open().query('INSERT INTO items VALUES (10, $1), (10, $1)', ['x']);
    const error: unknown = await twice.catch((caught: unknown) => caught);
    expect(sqlState(error)).toBe('23505');
  });

  it('is a span within the work it belongs to, and none on its own', async () => {
    const exporter = new InMemorySpanExporter();
    const telemetry = startTelemetry({
      service: 's',
      version: '0',
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    });
    const postgres = open();
    await postgres.query('SELECT 1');
    await inSpan('work', {}, () => postgres.query('SELECT $1::int', [1]));
    const [query, work] = exporter.getFinishedSpans();
    expect(exporter.getFinishedSpans()).toHaveLength(2);
    expect(query).toMatchObject({
      name: 'SELECT postgres',
      parentSpanContext: { spanId: work?.spanContext().spanId },
    });
    expect(query?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.query.text': 'SELECT $1::int',
    });
    await telemetry.shutdown();
  });
});

describe('transaction', () => {
  it('commits what resolves', async () => {
    const postgres = open();
    await postgres.transaction((tx) => tx.query("INSERT INTO items VALUES (20, 'in')"));
    expect((await postgres.query('SELECT 1 FROM items WHERE id = 20')).rowCount).toBe(1);
  });

  it('rolls back what throws, and gives the connection back', async () => {
    const postgres = open(database.url, 1);
    const failing = postgres.transaction(async (tx) => {
      await tx.query("INSERT INTO items VALUES (21, 'out')");
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect((await postgres.query('SELECT 1 FROM items WHERE id = 21')).rowCount).toBe(0);
  });

  it('does not pretend to commit when the error of a statement was swallowed', async () => {
    const swallowed = open().transaction(async (tx) => {
      await tx.query("INSERT INTO items VALUES (23, 'lost')");
      await tx.query('SELECT nonsense').catch(() => undefined);
    });
    await expect(swallowed).rejects.toBeInstanceOf(TransactionAborted);
  });

  it('fails when its connection is killed, and the pool goes on', async () => {
    const postgres = open(database.url, 1);
    const killed = postgres.transaction(async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await open().query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await waitFor(
        () =>
          tx.query('SELECT 1').then(
            () => false,
            () => true,
          ),
        { describe: 'the connection to be gone' },
      );
      await tx.query("INSERT INTO items VALUES (22, 'x')");
    });
    await expect(killed).rejects.toThrow();
    expect((await postgres.query('SELECT 1 FROM items WHERE id = 22')).rowCount).toBe(0);
  });
});

describe('a server that goes away', () => {
  it('survives the loss of its idle connections', async () => {
    const postgres = open(database.url, 2);
    await Promise.all([postgres.query('SELECT pg_sleep(0.05)'), postgres.query('SELECT pg_sleep(0.05)')]);
    await open().query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await waitFor(() => postgres.health().then(() => true), { describe: 'the pool to work again' });
  });

  it('says that it does not answer, and works again once it does', async () => {
    const relay = await startRelay(database.url);
    const postgres = open(relay.url, 2);
    await postgres.health();
    await relay.cut();
    await waitFor(() =>
      postgres.health().then(
        () => false,
        (error: unknown) => error instanceof PostgresUnavailable,
      ),
    );
    await expect(postgres.query('SELECT 1')).rejects.toMatchObject({
      code: 'POSTGRES_UNAVAILABLE',
      status: 503,
    });
    await expect(postgres.transaction(() => Promise.resolve())).rejects.toBeInstanceOf(PostgresUnavailable);
    await relay.restore();
    await waitFor(() => postgres.health().then(() => true), { describe: 'the pool to come back' });
    await postgres.end();
    await relay.close();
  });

  it('finds out within two seconds that it hangs', async () => {
    const relay = await startRelay(database.url);
    const postgres = open(relay.url, 2);
    await postgres.health();
    relay.freeze();
    const start = performance.now();
    await expect(postgres.health()).rejects.toBeInstanceOf(PostgresUnavailable);
    expect(performance.now() - start).toBeLessThan(2_000);
    await relay.restore();
    await waitFor(() => postgres.health().then(() => true), { describe: 'the pool to come back' });
    await postgres.end();
    await relay.close();
  });
});
