import { readFileSync } from 'node:fs';
import { inSpan, type Logger, SpanKind, trace } from '@soma/telemetry';
import pg from 'pg';
import type { PostgresConfig } from './config.js';
import { PostgresUnavailable, TransactionAborted, translate } from './errors.js';

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;
/** A little later than the server's own limit: it fires only if the server cannot say no any more. */
const queryTimeoutMs = 35_000;
const idleInTransactionMs = 60_000;
const healthTimeoutMs = 1_500;
const defaultPool = 10;

/** What one statement answered. */
export interface Rows<R> {
  readonly rows: readonly R[];
  /** Number of rows read or changed. */
  readonly rowCount: number;
}

/** Runs statements: the pool itself, or one transaction. */
export interface Queryable {
  /**
   * Runs one statement with its parameters (`$1`, `$2`, …). A statement may take 30 seconds.
   *
   * @throws PostgresUnavailable if the server does not answer; the server's own error (see `sqlState`) if it refuses.
   */
  query<R extends object>(sql: string, params?: readonly unknown[]): Promise<Rows<R>>;
}

/** A pool of connections to one database. It outlives the server: once that is back, so is the pool. */
export interface Postgres extends Queryable {
  /**
   * Runs `work` in a transaction: committed if it resolves, rolled back if it throws. Runs it once, without retries.
   *
   * @throws TransactionAborted if `work` resolved although one of its statements had failed: nothing was committed.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Resolves if the server answers a statement, and rejects with the reason if not. */
  health(): Promise<void>;
  /** Waits for running statements and closes the connections. Safe to call twice. */
  end(): Promise<void>;
}

export interface PostgresOptions {
  readonly logger: Logger;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
}

/** Makes the pool; connects when the first statement runs. Losing the server never ends the process. */
export function createPostgres(
  config: PostgresConfig,
  { logger, applicationName }: PostgresOptions,
): Postgres {
  const pool = new pg.Pool({
    ...connection(config),
    ...(applicationName && { application_name: applicationName }),
    max: config.SOMA_POSTGRES_POOL ?? defaultPool,
    statement_timeout: statementTimeoutMs,
    query_timeout: queryTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  });
  pool.on('error', (error) => {
    logger.warn({ err: error }, 'lost an idle postgres connection');
  });
  let ended: Promise<void> | undefined;
  return {
    query: (sql, params) => run(pool, sql, params),
    transaction: (work) => transaction(pool, work, logger),
    health: async () => {
      // @types/pg does not know the limit per statement.
      const probe = { text: 'SELECT 1', query_timeout: healthTimeoutMs };
      await pool.query(probe).catch(rethrow);
    },
    end: () => (ended ??= pool.end()),
  };
}

/** How node-postgres reaches the server; shared by the pool and the migrations. */
export function connection({ SOMA_POSTGRES_URL, SOMA_POSTGRES_CA_FILE }: PostgresConfig): pg.ClientConfig {
  return {
    connectionString: SOMA_POSTGRES_URL,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    ...(SOMA_POSTGRES_CA_FILE && { ssl: { ca: readFileSync(SOMA_POSTGRES_CA_FILE, 'utf8') } }),
  };
}

async function transaction<T>(
  pool: pg.Pool,
  work: (tx: Queryable) => Promise<T>,
  logger: Logger,
): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  let broken: Error | undefined;
  const lost = (error: Error): void => {
    broken = error;
    logger.warn({ err: error }, 'lost a postgres connection within a transaction');
  };
  // A client that is checked out has no listener of the pool's: without one its error would end the process.
  client.on('error', lost);
  try {
    await run(client, 'BEGIN');
    const result = await work({ query: (sql, params) => run(client, sql, params) });
    const { command } = await client.query('COMMIT').catch(rethrow);
    // Postgres answers so when a statement failed and `work` went on as if nothing had happened.
    if (command === 'ROLLBACK') throw new TransactionAborted();
    return result;
  } catch (error) {
    // Behind a statement that hangs, a ROLLBACK would hang too: closing the connection rolls back as well.
    if (error instanceof PostgresUnavailable) broken ??= error;
    else await run(client, 'ROLLBACK').catch(lost);
    throw error;
  } finally {
    client.off('error', lost);
    client.release(broken);
  }
}

async function run<R extends object>(
  on: pg.Pool | pg.ClientBase,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Rows<R>> {
  const send = async (): Promise<Rows<R>> => {
    const { rows, rowCount } = await (on as pg.Pool)
      .query<R & pg.QueryResultRow>(sql, [...params])
      .catch(rethrow);
    return { rows, rowCount: rowCount ?? rows.length };
  };
  // A statement is a part of somebody's work: polls and migrations on their own make no traces.
  if (!trace.getActiveSpan()?.isRecording()) return send();
  const operation = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'SQL';
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.query.text': sql };
  return inSpan(`${operation} postgres`, { kind: SpanKind.CLIENT, attributes }, send);
}

function rethrow(error: unknown): never {
  throw translate(error);
}
