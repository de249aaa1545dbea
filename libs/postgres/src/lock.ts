import { setInterval } from 'node:timers/promises';
import pg from 'pg';
import type { PostgresConfig } from './config.js';
import { PostgresUnavailable, translate } from './errors.js';
import { connection } from './postgres.js';

/** How often a holder asks whether its connection, and with it the lock, is still there. */
const lookMs = 1_000;
/** Silence after which it counts as lost. Within lookMs + this a holder knows. */
const answerWithinMs = 2_000;

/** A lock that the server gives to one session at a time, and takes back when that session ends, however it ends. */
export interface HeldLock {
  /** Aborted when the lock is lost: the connection broke or the server is gone. Whoever holds it must stop then. */
  readonly lost: AbortSignal;
  /** Gives the lock back. Safe to call twice. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Wait for the lock until it is free or this signal aborts; without it the answer comes at once. */
  readonly wait?: AbortSignal;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
}

/**
 * Takes a session-level advisory lock of this name (within its database) on a connection of its own.
 * Answers undefined when another session holds it, or when the wait was aborted.
 *
 * @throws PostgresUnavailable if the server does not answer.
 */
export async function takeLock(
  config: PostgresConfig,
  name: string,
  { wait, applicationName }: LockOptions = {},
): Promise<HeldLock | undefined> {
  const client = new pg.Client({
    ...connection(config),
    ...(applicationName && { application_name: applicationName }),
  });
  const lost = new AbortController();
  client.on('error', (error) => lost.abort(translate(error)));
  client.on('end', () => lost.abort(new PostgresUnavailable(new Error('the connection ended'))));
  const close = (): Promise<void> => client.end().catch(() => undefined);
  try {
    await client.connect();
    if (!(await obtain(client, name, wait))) {
      await close();
      return undefined;
    }
  } catch (error) {
    await close();
    if (wait?.aborted) return undefined;
    throw translate(error);
  }
  void watch(client, lost);
  return { lost: lost.signal, release: close };
}

const obtain = async (client: pg.Client, name: string, wait: AbortSignal | undefined): Promise<boolean> => {
  const key = 'hashtextextended($1, 0)';
  if (!wait) {
    const { rows } = await client.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS got`, [
      name,
    ]);
    return rows[0]?.got ?? false;
  }
  const giveUp = (): void => void client.end().catch(() => undefined);
  wait.addEventListener('abort', giveUp, { once: true });
  try {
    wait.throwIfAborted();
    await client.query(`SELECT pg_advisory_lock(${key})`, [name]);
    return true;
  } finally {
    wait.removeEventListener('abort', giveUp);
  }
};

/** A server that vanished without closing the connection says nothing: so it is asked. */
const watch = async (client: pg.Client, lost: AbortController): Promise<void> => {
  // @types/pg does not know the limit per statement.
  const probe = { text: 'SELECT 1', query_timeout: answerWithinMs };
  try {
    for await (const _ of setInterval(lookMs, undefined, { ref: false, signal: lost.signal }))
      await client.query(probe);
  } catch (error) {
    lost.abort(translate(error));
    await client.end().catch(() => undefined);
  }
};
