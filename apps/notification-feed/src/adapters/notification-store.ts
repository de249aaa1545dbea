import type { Postgres, Queryable } from '@soma/postgres';
import type { FeedState } from '../core/cursor.js';
import type { Entry, NotificationStore, Placement, Posted } from '../ports.js';
import {
  pageAfter,
  pageBefore,
  positionBefore,
  stateColumns,
  type StateRow,
  stateOf,
} from './notification-query.js';

/** Key of the advisory lock under which writers take turns ("feed" in ASCII). */
const writersLock = 0x66656564;

interface Place {
  readonly origin: string;
  readonly position: string;
}

// Of a batch with the same origin twice the first is the one that counts.
const insert = `
  WITH entry AS (
    SELECT DISTINCT ON (origin) *
      FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
        AS (origin text, topic text, partition integer, record_offset bigint, squads jsonb, source text, kind text,
            severity text, title text, body text, link text, dedupe_key text, metadata jsonb, happened_at timestamptz))
      WITH ORDINALITY
     ORDER BY origin, ordinality
  ), fresh AS (
    INSERT INTO notification_origin (origin, position)
    SELECT origin, $2::bigint + ordinality - 1 FROM entry
    ON CONFLICT (origin) DO NOTHING
    RETURNING origin, position
  ), written AS (
    INSERT INTO notification_log (position, origin, topic, partition, record_offset, squads, source, kind, severity, title,
                                  body, link, dedupe_key, metadata, happened_at)
    SELECT fresh.position, origin, topic, partition, record_offset, ARRAY(SELECT jsonb_array_elements_text(squads)),
           source, kind, severity, title, body, link, dedupe_key, metadata, happened_at
      FROM entry JOIN fresh USING (origin)
     ORDER BY fresh.position
  )
  SELECT origin, position FROM fresh`;

// Postgres' text knows no NUL byte (SQLSTATE 22P05) and no half of a surrogate pair (22P02); a notification that has
// one is still worth telling. Where its backslash is itself escaped, the same letters are text and stay.
export const storable = (json: string): string =>
  json.replaceAll(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\\ufffd');

const rowOf = ({ origin, coordinate, notification }: Entry) => ({
  origin,
  topic: coordinate?.topic,
  partition: coordinate?.partition,
  record_offset: coordinate?.offset,
  squads: notification.squads,
  source: notification.source,
  kind: notification.kind,
  severity: notification.severity,
  title: notification.title,
  body: notification.body,
  link: notification.link,
  dedupe_key: notification.dedupeKey,
  metadata: notification.metadata,
  happened_at: new Date(notification.happenedAt).toISOString(),
});

/**
 * Runs work in a transaction that has its turn among the feed's writers. Identity values are taken before the commit:
 * without turns a reader could pass a smaller one that commits later, and never see it.
 */
export const inTurn = <T>(postgres: Postgres, work: (transaction: Queryable) => Promise<T>): Promise<T> =>
  postgres.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [writersLock]);
    return work(transaction);
  });

/** Stores what is not stored yet, within a transaction that has its turn. */
export const appendIn = async (transaction: Queryable, entries: readonly Entry[]): Promise<Placement[]> => {
  if (entries.length === 0) return [];
  // A statement of its own: it may make a partition, which the plan of the next one then knows.
  const taken = await transaction.query<{ first: string }>('SELECT feed_take($1) AS first', [entries.length]);
  const inserted = await transaction.query<Place>(insert, [
    storable(JSON.stringify(entries.map(rowOf))),
    taken.rows[0]?.first,
  ]);
  const fresh = new Map(inserted.rows.map(({ origin, position }) => [origin, position]));
  const positions = new Map(fresh);
  const known = entries.map(({ origin }) => origin).filter((origin) => !fresh.has(origin));
  if (known.length > 0) {
    const found = await transaction.query<Place>(
      'SELECT origin, position FROM notification_origin WHERE origin = ANY($1)',
      [known],
    );
    for (const { origin, position } of found.rows) positions.set(origin, position);
  }
  return entries.map(({ origin }) => {
    const position = positions.get(origin);
    if (position === undefined) throw new Error(`neither stored nor there: ${origin}`);
    // Deleted, because only the first of a batch with the same origin is the new one.
    return { position, isNew: fresh.delete(origin) };
  });
};

const one = <R>([row]: readonly R[]): R => {
  if (row === undefined) throw new Error('the table feed has lost its row: restore it');
  return row;
};

/** Notifications in PostgreSQL. */
export const createNotificationStore = (postgres: Postgres): NotificationStore => ({
  append: (entries) => inTurn(postgres, (transaction) => appendIn(transaction, entries)),

  appendOnce: ({ caller, key, fingerprint }, entries) =>
    // Two requests with one key take turns, too: the second finds the first one's answer.
    inTurn<Posted>(postgres, async (transaction) => {
      const seen = await transaction.query<{ fingerprint: string; placements: Placement[] }>(
        'SELECT fingerprint, placements FROM request WHERE caller = $1 AND idempotency_key = $2',
        [caller, key],
      );
      const [first] = seen.rows;
      if (first && first.fingerprint !== fingerprint) return { outcome: 'conflict' };
      if (first) return { outcome: 'replayed', placements: first.placements };
      const placements = await appendIn(transaction, entries);
      await transaction.query(
        'INSERT INTO request (caller, idempotency_key, fingerprint, placements) VALUES ($1, $2, $3, $4)',
        [caller, key, fingerprint, JSON.stringify(placements)],
      );
      return { outcome: 'stored', placements };
    }),

  after: async (squad, position, limit, filter = {}) =>
    pageAfter(postgres, { squad, position, limit, filter }),

  before: async (squad, position, limit, filter = {}) =>
    pageBefore(postgres, { squad, position, limit, filter }),

  state: async () => {
    const { rows } = await postgres.query<StateRow>(`SELECT ${stateColumns} FROM feed`);
    return stateOf(one(rows));
  },

  positionAt: (at) => positionBefore(postgres, at),

  beginEpoch: (epoch) =>
    inTurn<FeedState>(postgres, async (transaction) => {
      const { rows } = await transaction.query<StateRow>(
        `UPDATE feed SET epoch = $1, begins = head RETURNING ${stateColumns}`,
        [epoch],
      );
      return stateOf(one(rows));
    }),
});
