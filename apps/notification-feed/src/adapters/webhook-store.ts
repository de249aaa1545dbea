import type { Postgres, Queryable } from '@soma/postgres';
import type { AuditEvent } from '../core/audit.js';
import type { Severity } from '../core/notification.js';
import type { DisabledReason } from '../core/webhooks/judge.js';
import type { KeyKind } from '../core/webhooks/signature.js';
import type { NewKey, Webhook, WebhookKey, WebhookStore } from '../webhooks/ports.js';
import { auditIn } from './audit-outbox.js';

interface WebhookRow {
  readonly id: string;
  readonly squad: string;
  readonly url: string;
  readonly description: string;
  readonly kinds: string[];
  readonly min_severity: Severity;
  readonly state: Webhook['state'];
  readonly state_reason: DisabledReason | null;
  readonly state_since: Date;
  readonly cursor: string;
  readonly failing_since: Date | null;
  readonly created_by: string;
  readonly created_at: Date;
}

const webhookOf = (row: WebhookRow): Webhook => ({
  id: row.id,
  squad: row.squad,
  url: row.url,
  description: row.description,
  filter: { kinds: row.kinds, minSeverity: row.min_severity },
  state: row.state,
  stateReason: row.state_reason,
  stateSince: row.state_since.getTime(),
  cursor: row.cursor,
  failingSince: row.failing_since?.getTime() ?? null,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
});

interface KeyRow {
  readonly id: string;
  readonly kind: KeyKind;
  readonly sealed: Buffer;
  readonly public_key: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

const keyOf = (row: KeyRow): WebhookKey => ({
  id: row.id,
  kind: row.kind,
  sealed: row.sealed,
  publicKey: row.public_key,
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at?.getTime() ?? null,
});

const insertKey = `
  INSERT INTO webhook_key (id, webhook, kind, sealed, public_key, created_at)
  VALUES ($1, $2, $3, $4, $5, clock_timestamp())`;

const keyParams = (webhook: string, { id, kind, sealed, publicKey }: NewKey) => [
  id,
  webhook,
  kind,
  sealed,
  publicKey,
];

const activeKeys = `
  SELECT * FROM webhook_key
   WHERE webhook = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())
   ORDER BY created_at DESC, id`;

const audited = (actor: string, action: string, webhook: string): AuditEvent => ({
  actor,
  action,
  subject: `feed-webhook/${webhook}`,
  outcome: 'success',
});

/** Holds a webhook; false if it is not there. Always before what belongs to it: its removal takes them in this order, too. */
const holds = async (transaction: Queryable, webhook: string): Promise<boolean> => {
  const { rowCount } = await transaction.query('SELECT 1 FROM webhook WHERE id = $1 FOR NO KEY UPDATE', [
    webhook,
  ]);
  return rowCount > 0;
};

/** Webhooks in PostgreSQL. */
export const createWebhookStore = (postgres: Postgres): WebhookStore => ({
  create: ({ id, squad, url, description, filter, createdBy }, key) =>
    postgres.transaction(async (transaction) => {
      await transaction.query(
        `INSERT INTO webhook (id, squad, url, description, kinds, min_severity, state, state_since, cursor,
                              created_by, created_at)
         SELECT $1, $2, $3, $4, $5, $6, 'active', now(), head, $7, now() FROM feed`,
        [id, squad, url, description, filter.kinds, filter.minSeverity, createdBy],
      );
      await transaction.query(insertKey, keyParams(id, key));
      await auditIn(transaction, audited(createdBy, 'webhook.created', id));
    }),

  list: async (squad) => {
    const { rows } = await postgres.query<WebhookRow>(
      'SELECT * FROM webhook WHERE squad = $1 ORDER BY created_at, id',
      [squad],
    );
    return rows.map(webhookOf);
  },

  find: async (id) => {
    const { rows } = await postgres.query<WebhookRow>('SELECT * FROM webhook WHERE id = $1', [id]);
    return rows.map(webhookOf)[0];
  },

  update: (id, { url, description, filter, enabled }, by) =>
    postgres.transaction(async (transaction) => {
      if (!(await holds(transaction, id))) return;
      await auditIn(transaction, audited(by, 'webhook.changed', id));
      await transaction.query(
        `UPDATE webhook
            SET url = coalesce($2, url), description = coalesce($3, description), kinds = coalesce($4, kinds),
                min_severity = coalesce($5, min_severity)
          WHERE id = $1`,
        [id, url, description, filter?.kinds, filter?.minSeverity],
      );
      if (enabled === undefined) return;
      const { rowCount } = await transaction.query(
        `UPDATE webhook SET state = $2, state_reason = $3, state_since = now(), failing_since = NULL
          WHERE id = $1 AND state <> $2`,
        [id, enabled ? 'active' : 'disabled', enabled ? null : 'requested'],
      );
      if (enabled && rowCount > 0)
        await transaction.query(
          `UPDATE webhook_delivery SET attempts = 0, first_attempt_at = NULL, due_at = now(), claim = NULL
            WHERE webhook = $1 AND outcome = 'pending'`,
          [id],
        );
    }),

  remove: (id, by) =>
    postgres.transaction(async (transaction) => {
      const { rowCount } = await transaction.query('DELETE FROM webhook WHERE id = $1', [id]);
      if (rowCount > 0) await auditIn(transaction, audited(by, 'webhook.removed', id));
    }),

  keys: async (webhook) => (await postgres.query<KeyRow>(activeKeys, [webhook])).rows.map(keyOf),

  addKey: (webhook, key, overlapMs, by) =>
    postgres.transaction(async (transaction) => {
      if (!(await holds(transaction, webhook))) return false;
      await transaction.query(
        `UPDATE webhook_key SET expires_at = least(expires_at, clock_timestamp() + $3 * interval '1 ms')
          WHERE webhook = $1 AND kind = $2`,
        [webhook, key.kind, overlapMs],
      );
      await transaction.query(insertKey, keyParams(webhook, key));
      await auditIn(transaction, audited(by, 'webhook-key.added', webhook));
      return true;
    }),

  removeKey: (webhook, key, by) =>
    postgres.transaction(async (transaction) => {
      // Two at once must not take the last two.
      await holds(transaction, webhook);
      const { rows } = await transaction.query<KeyRow>(activeKeys, [webhook]);
      if (!rows.some(({ id }) => id === key)) return 'unknown';
      // Of those that stay, one has to be there when the overlap is over.
      if (!rows.some(({ id, expires_at }) => id !== key && expires_at === null)) return 'last';
      await transaction.query('DELETE FROM webhook_key WHERE id = $1', [key]);
      await auditIn(transaction, audited(by, 'webhook-key.removed', webhook));
      return 'removed';
    }),
});
