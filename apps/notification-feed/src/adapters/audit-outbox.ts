import type { Postgres, Queryable } from '@soma/postgres';
import type { AuditEvent } from '../core/audit.js';

/** Key of the advisory lock of the one replica that relays ("audi" in ASCII): events of one subject stay in order. */
const relayLock = 0x61756469;
const batch = 100;

/** An event that waits to be told. */
export interface WaitingAuditEvent extends AuditEvent {
  /** The same whenever it is told again. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Has an auditor told of something, if and only if the transaction in which it happens is committed. */
export const auditIn = async (
  transaction: Queryable,
  { actor, action, subject, outcome }: AuditEvent,
): Promise<void> => {
  await transaction.query(
    'INSERT INTO audit_event (actor, action, subject, outcome) VALUES ($1, $2, $3, $4)',
    [actor, action, subject, outcome],
  );
};

interface Row extends Omit<WaitingAuditEvent, 'at'> {
  readonly position: string;
  readonly at: Date;
}

/** What came of one look at what waits. */
export interface Relayed {
  readonly sent: number;
  /** Why the others could not be sent: they wait for the next look. */
  readonly failures: readonly unknown[];
}

/**
 * Sends the oldest events that wait and deletes those whose sending resolved; one that a crash keeps from being deleted is
 * sent again. Does nothing while another replica is at it.
 */
export const relayAudit = (
  postgres: Postgres,
  send: (event: WaitingAuditEvent) => Promise<unknown>,
): Promise<Relayed> =>
  postgres.transaction(async (transaction) => {
    const lock = 'SELECT pg_try_advisory_xact_lock($1) AS taken';
    const turn = await transaction.query<{ taken: boolean }>(lock, [relayLock]);
    if (!turn.rows[0]?.taken) return { sent: 0, failures: [] };
    const { rows } = await transaction.query<Row>(
      `SELECT position, event_id AS id, actor, action, subject, outcome, at
         FROM audit_event ORDER BY position LIMIT ${batch}`,
    );
    const results = await Promise.allSettled(
      rows.map(({ position: _, at, ...event }) => send({ ...event, at: at.getTime() })),
    );
    const sent = rows.filter((_, index) => results[index]?.status === 'fulfilled');
    if (sent.length > 0)
      await transaction.query('DELETE FROM audit_event WHERE position = ANY($1)', [
        sent.map(({ position }) => position),
      ]);
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    return { sent: sent.length, failures };
  });
