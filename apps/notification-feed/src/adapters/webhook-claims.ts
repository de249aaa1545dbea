import type { Postgres, Queryable } from '@soma/postgres';
import type { Severity } from '../core/notification.js';
import type { Attempt, Verdict } from '../core/webhooks/judge.js';
import { disabledNotification, type FeedRow } from '../core/webhooks/message.js';
import type { Claim, Room } from '../webhooks/ports.js';
import { appendIn, inTurn } from './notification-store.js';

interface FeedRowOfTable {
  readonly position: string;
  readonly topic: string | null;
  readonly partition: number;
  readonly record_offset: string;
  readonly squads: string[];
  readonly source: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly link: string | null;
  readonly dedupe_key: string;
  readonly metadata: Record<string, string>;
  readonly happened_at: Date;
  readonly stored_at: Date;
}

const feedRow = (row: FeedRowOfTable): FeedRow => ({
  position: row.position,
  coordinate:
    row.topic === null ? null : { topic: row.topic, partition: row.partition, offset: row.record_offset },
  squads: row.squads,
  source: row.source,
  kind: row.kind,
  severity: row.severity,
  title: row.title,
  body: row.body,
  link: row.link,
  dedupeKey: row.dedupe_key,
  metadata: row.metadata,
  happenedAt: row.happened_at.getTime(),
  storedAt: row.stored_at.getTime(),
});

interface ClaimRow {
  readonly delivery: string;
  readonly token: string;
  readonly message_id: string;
  readonly position: string;
  readonly attempts: number;
  readonly first_attempt_at: Date | null;
  readonly webhook: string;
  readonly squad: string;
  readonly url: string;
  readonly failing_since: Date | null;
}

// Times are the server's: replicas whose clocks differ agree on what is due and on whose claim is over.
const claimDue = `
  WITH due AS MATERIALIZED (
    SELECT waiting.id
      FROM webhook
      LEFT JOIN unnest($1::uuid[], $2::integer[]) AS busy (webhook, count) ON busy.webhook = webhook.id
     CROSS JOIN LATERAL (
           SELECT id, due_at FROM webhook_delivery
            WHERE webhook_delivery.webhook = webhook.id AND outcome = 'pending' AND due_at <= clock_timestamp()
            ORDER BY due_at, position
            LIMIT greatest($3 - coalesce(busy.count, 0), 0)
              FOR UPDATE SKIP LOCKED) AS waiting
     WHERE webhook.state = 'active'
     ORDER BY waiting.due_at
     LIMIT $4)
  UPDATE webhook_delivery AS delivery
     SET claim = gen_random_uuid(), due_at = clock_timestamp() + $5 * interval '1 ms'
    FROM due, webhook
   WHERE delivery.id = due.id AND webhook.id = delivery.webhook
  RETURNING delivery.id AS delivery, delivery.claim AS token, message_id, position, attempts, first_attempt_at,
            webhook.id AS webhook, webhook.squad, webhook.url, webhook.failing_since`;

/** Takes what is due, as far as there is room; oldest first. */
export const claim = async (
  postgres: Postgres,
  { total, perWebhook, busy, leaseMs }: Room,
): Promise<Claim[]> => {
  const { rows } = await postgres.query<ClaimRow>(claimDue, [
    [...busy.keys()],
    [...busy.values()],
    perWebhook,
    total,
    leaseMs,
  ]);
  if (rows.length === 0) return [];
  const found = await postgres.query<FeedRowOfTable>(
    'SELECT * FROM notification_log WHERE position = ANY($1)',
    [rows.map(({ position }) => position)],
  );
  const feed = new Map(found.rows.map((row) => [row.position, feedRow(row)]));
  return rows
    .toSorted((a, b) => Number(BigInt(a.position) - BigInt(b.position)))
    .map((row) => ({
      delivery: row.delivery,
      token: row.token,
      messageId: row.message_id,
      attempt: row.attempts + 1,
      firstAttemptAt: row.first_attempt_at?.getTime() ?? null,
      failingSince: row.failing_since?.getTime() ?? null,
      webhook: { id: row.webhook, squad: row.squad, url: row.url },
      row: feed.get(row.position),
    }));
};

/** Ends a claim; false if somebody took over. Times are cut to milliseconds, as those that come back to be compared are. */
const settle = async (
  transaction: Queryable,
  { delivery, token }: Claim,
  verdict: Verdict,
): Promise<boolean> => {
  const { rowCount } = await transaction.query(
    `UPDATE webhook_delivery
        SET outcome = $3, attempts = attempts + 1, claim = NULL,
            first_attempt_at = coalesce(first_attempt_at, date_trunc('milliseconds', now())),
            due_at = clock_timestamp() + $4 * interval '1 ms'
      WHERE id = $1 AND claim = $2`,
    [delivery, token, verdict.outcome, verdict.outcome === 'pending' ? verdict.waitMs : null],
  );
  return rowCount > 0;
};

/** Writes down an attempt that is over. */
export const logAttempt = async (
  transaction: Queryable,
  delivery: string,
  { status, error, durationMs }: Attempt,
): Promise<void> => {
  await transaction.query(
    `INSERT INTO webhook_attempt (delivery, at, status, error, duration_ms)
     VALUES ($1, clock_timestamp() - $4 * interval '1 ms', $2, $3, $4)`,
    [delivery, status, error, durationMs],
  );
};

const countFailures = `
  UPDATE webhook
     SET failing_since = CASE WHEN $2 THEN NULL ELSE coalesce(failing_since, date_trunc('milliseconds', now())) END
   WHERE id = $1 AND (failing_since IS NULL) <> $2`;

const disable = `
  UPDATE webhook SET state = 'disabled', state_reason = $2, state_since = date_trunc('milliseconds', now())
   WHERE id = $1 AND state = 'active' AND ($2 = 'gone' OR failing_since = $3)
  RETURNING state_since`;

/** Writes down what came of a claim, and disables the webhook if that is the verdict. */
export const record = (
  postgres: Postgres,
  claimed: Claim,
  attempt: Attempt,
  verdict: Verdict,
): Promise<'recorded' | 'disabled' | 'lost'> => {
  const { webhook, delivery, failingSince } = claimed;
  const write = async (transaction: Queryable): Promise<'recorded' | 'disabled' | 'lost'> => {
    // First the webhook, then its deliveries: the dispatcher takes them in this order, too.
    await transaction.query('SELECT 1 FROM webhook WHERE id = $1 FOR NO KEY UPDATE', [webhook.id]);
    if (!(await settle(transaction, claimed, verdict))) return 'lost';
    await logAttempt(transaction, delivery, attempt);
    await transaction.query(countFailures, [webhook.id, verdict.outcome === 'delivered']);
    if (verdict.outcome === 'delivered' || verdict.disable === undefined) return 'recorded';
    const { rows } = await transaction.query<{ state_since: Date }>(disable, [
      webhook.id,
      verdict.disable,
      // A success in the meantime has ended those failures.
      failingSince === null ? null : new Date(failingSince).toISOString(),
    ]);
    const [disabled] = rows;
    if (!disabled) return 'recorded';
    const at = disabled.state_since.getTime();
    const notification = disabledNotification(webhook, verdict.disable, at);
    await appendIn(transaction, [{ origin: `webhook:${webhook.id}/disabled/${at}`, notification }]);
    return 'disabled';
  };
  const disables = verdict.outcome !== 'delivered' && verdict.disable !== undefined;
  return disables ? inTurn(postgres, write) : postgres.transaction(write);
};

/** Ends the delivery of a row that is not in the feed any more. */
export const expire = async (postgres: Postgres, { delivery, token }: Claim): Promise<void> => {
  await postgres.transaction(async (transaction) => {
    const { rowCount } = await transaction.query(
      `UPDATE webhook_delivery SET outcome = 'failed', claim = NULL, due_at = NULL WHERE id = $1 AND claim = $2`,
      [delivery, token],
    );
    const attempt = { status: null, error: 'not sent: the feed does not keep it any more', durationMs: 0 };
    if (rowCount > 0) await logAttempt(transaction, delivery, attempt);
  });
};
