import type { Postgres } from '@soma/postgres';
import { isSuccess } from '../core/webhooks/judge.js';
import { testKind } from '../core/webhooks/message.js';
import type { Delivery, DeliveryStore } from '../webhooks/ports.js';
import { claim, expire, logAttempt, record } from './webhook-claims.js';
import { dispatch, rewind } from './webhook-dispatch.js';

interface LogRow {
  readonly id: string;
  readonly message_id: string;
  readonly kind: string;
  readonly position: string | null;
  readonly outcome: Delivery['outcome'];
  readonly created_at: Date;
  readonly due_at: Date | null;
  readonly attempts: readonly {
    readonly at: string;
    readonly status: number | null;
    readonly error: string | null;
    readonly duration_ms: number;
  }[];
}

const deliveryOf = (row: LogRow): Delivery => ({
  id: row.id,
  messageId: row.message_id,
  kind: row.kind,
  position: row.position,
  outcome: row.outcome,
  createdAt: row.created_at.getTime(),
  nextAttemptAt: row.due_at?.getTime() ?? null,
  attempts: row.attempts.map(({ at, status, error, duration_ms: durationMs }) => ({
    at: Date.parse(at),
    status,
    error,
    durationMs,
  })),
});

const selectLog = `
  SELECT id, message_id, kind, position, outcome, created_at, due_at,
         (SELECT coalesce(jsonb_agg(to_jsonb(attempt) ORDER BY attempt.id), '[]')
            FROM webhook_attempt AS attempt WHERE attempt.delivery = webhook_delivery.id) AS attempts
    FROM webhook_delivery WHERE webhook = $1`;

/** Deliveries of webhooks in PostgreSQL. */
export const createDeliveryStore = (postgres: Postgres): DeliveryStore => ({
  dispatch: () => dispatch(postgres),
  claim: (room) => claim(postgres, room),
  record: (claimed, attempt, verdict) => record(postgres, claimed, attempt, verdict),
  expire: (claimed) => expire(postgres, claimed),
  rewind: (webhook, since) => rewind(postgres, webhook, since),

  recordTest: (webhook, { id, messageId, attempt }) =>
    postgres.transaction(async (transaction) => {
      const { rowCount } = await transaction.query(
        `INSERT INTO webhook_delivery (id, webhook, message_id, kind, outcome, attempts)
         SELECT $1, id, $3, $4, $5, 1 FROM webhook WHERE id = $2 FOR KEY SHARE`,
        [id, webhook, messageId, testKind, isSuccess(attempt.status) ? 'delivered' : 'failed'],
      );
      if (rowCount > 0) await logAttempt(transaction, id, attempt);
    }),

  log: async (webhook, limit, before) => {
    const { rows } = await postgres.query<LogRow>(
      `${selectLog} AND ($3::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM webhook_delivery WHERE id = $3))
        ORDER BY created_at DESC, id DESC LIMIT $2`,
      [webhook, limit, before],
    );
    return rows.map(deliveryOf);
  },

  find: async (webhook, delivery) => {
    const { rows } = await postgres.query<LogRow>(`${selectLog} AND id = $2`, [webhook, delivery]);
    return rows.map(deliveryOf)[0];
  },

  retry: async (webhook, delivery) => {
    const { rowCount } = await postgres.query(
      `UPDATE webhook_delivery
          SET outcome = 'pending', attempts = 0, first_attempt_at = NULL, due_at = clock_timestamp(), claim = NULL
        WHERE webhook = $1 AND id = $2 AND position IS NOT NULL AND (claim IS NULL OR due_at < clock_timestamp())`,
      [webhook, delivery],
    );
    return rowCount > 0;
  },

  prune: async (olderThanMs) => {
    const { rowCount } = await postgres.query(
      `DELETE FROM webhook_delivery WHERE created_at < clock_timestamp() - $1 * interval '1 ms'`,
      [olderThanMs],
    );
    return rowCount;
  },

  pending: async () => {
    const { rows } = await postgres.query<{ pending: number }>(
      `SELECT count(*)::integer AS pending FROM webhook_delivery WHERE outcome = 'pending'`,
    );
    return rows[0]?.pending ?? 0;
  },
});
