import { randomUUID } from 'node:crypto';
import type { Postgres, Queryable } from '@soma/postgres';
import { everySquad, type Severity } from '../core/notification.js';
import { matches } from '../core/webhooks/filter.js';
import { messageId } from '../core/webhooks/message.js';
import { positionBefore } from './notification-query.js';

/** Rows of the feed that a webhook passes in one transaction. */
const pageSize = 500;

interface Behind {
  readonly id: string;
  readonly squad: string;
  readonly kinds: string[];
  readonly min_severity: Severity;
  readonly cursor: string;
}

interface Candidate {
  readonly position: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly metadata: Record<string, string>;
  readonly stored_at: Date;
}

// A row that is passed again is to be sent again, unless it is waiting anyway.
const insert = `
  INSERT INTO webhook_delivery (id, webhook, message_id, kind, position, outcome, attempts, due_at)
  SELECT id, $1, message_id, kind, position, 'pending', 0, clock_timestamp()
    FROM jsonb_to_recordset($2::jsonb) AS made (id uuid, message_id text, kind text, position bigint)
  ON CONFLICT (webhook, position) DO UPDATE
    SET outcome = 'pending', attempts = 0, first_attempt_at = NULL, due_at = excluded.due_at, claim = NULL
    WHERE webhook_delivery.outcome <> 'pending'`;

/** One page of one webhook that nobody else has at this moment; answers how many deliveries, undefined if none is behind. */
const dispatchPage = async (transaction: Queryable): Promise<number | undefined> => {
  // Writers of the feed take turns: what is stored below the head is visible by now.
  const newest = await transaction.query<{ head: string }>('SELECT head FROM feed');
  const head = newest.rows[0]?.head ?? '0';
  const behind = await transaction.query<Behind>(
    `SELECT id, squad, kinds, min_severity, cursor FROM webhook
      WHERE state = 'active' AND cursor < $1
      ORDER BY cursor LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
    [head],
  );
  const [webhook] = behind.rows;
  if (!webhook) return undefined;
  const { rows } = await transaction.query<Candidate>(
    `SELECT position, kind, severity, metadata, stored_at FROM notification_log
      WHERE squads && $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4`,
    [[webhook.squad, everySquad], webhook.cursor, head, pageSize],
  );
  const filter = { kinds: webhook.kinds, minSeverity: webhook.min_severity };
  const made = rows
    .filter((row) => matches({ id: webhook.id, filter }, row))
    .map(({ position, kind, stored_at }) => ({
      id: randomUUID(),
      position,
      kind,
      message_id: messageId({ position, storedAt: stored_at.getTime() }),
    }));
  if (made.length > 0) await transaction.query(insert, [webhook.id, JSON.stringify(made)]);
  const passed = rows.length < pageSize ? head : rows.at(-1)?.position;
  await transaction.query('UPDATE webhook SET cursor = $2 WHERE id = $1', [webhook.id, passed]);
  return made.length;
};

/** Makes the deliveries of everything that webhooks have not passed; answers how many. */
export const dispatch = async (postgres: Postgres): Promise<number> => {
  let made = 0;
  for (;;) {
    const page = await postgres.transaction(dispatchPage);
    if (page === undefined) return made;
    made += page;
  }
};

/** Sets the cursor back to what was stored since a time, never forward; answers where it is then, undefined if it was removed. */
export const rewind = async (
  postgres: Postgres,
  webhook: string,
  since: number,
): Promise<string | undefined> => {
  const { rows } = await postgres.query<{ cursor: string }>(
    'UPDATE webhook SET cursor = least(cursor, $2) WHERE id = $1 RETURNING cursor',
    [webhook, await positionBefore(postgres, since)],
  );
  return rows[0]?.cursor;
};
