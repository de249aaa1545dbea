import type { Postgres, Queryable } from '@soma/postgres';
import { everySquad, type Severity } from '../core/notification.js';
import type { Entry, NotificationStore, Placement, Posted, StoredNotification } from '../ports.js';

/** Key of the advisory lock under which writers take turns ("feed" in ASCII). */
const writersLock = 0x66656564;

interface Row {
  readonly position: string;
  readonly origin: string;
  /** Null, as are the next two, for what did not come through Kafka. */
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

const stored = (row: Row): StoredNotification => ({
  position: row.position,
  origin: row.origin,
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

const insert = `
  INSERT INTO notification (origin, topic, partition, record_offset, squads, source, kind, severity, title, body,
                            link, dedupe_key, metadata, happened_at)
  SELECT origin, topic, partition, record_offset, ARRAY(SELECT jsonb_array_elements_text(squads)), source, kind,
         severity, title, body, link, dedupe_key, metadata, happened_at
    FROM jsonb_to_recordset($1::jsonb)
      AS entry (origin text, topic text, partition integer, record_offset bigint, squads jsonb, source text,
                kind text, severity text, title text, body text, link text, dedupe_key text, metadata jsonb,
                happened_at timestamptz)
  ON CONFLICT (origin) DO NOTHING
  RETURNING origin, position`;

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
  type Place = Pick<Row, 'origin' | 'position'>;
  const inserted = await transaction.query<Place>(insert, [storable(JSON.stringify(entries.map(rowOf)))]);
  const fresh = new Map(inserted.rows.map(({ origin, position }) => [origin, position]));
  const positions = new Map(fresh);
  const known = entries.map(({ origin }) => origin).filter((origin) => !fresh.has(origin));
  if (known.length > 0) {
    const found = await transaction.query<Place>(
      'SELECT origin, position FROM notification WHERE origin = ANY($1)',
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

  after: async (squad, position, limit) => {
    const { rows } = await postgres.query<Row>(
      'SELECT * FROM notification WHERE squads && $1 AND position > $2 ORDER BY position LIMIT $3',
      [[squad, everySquad], position, limit],
    );
    return rows.map(stored);
  },

  before: async (squad, position, limit) => {
    const { rows } = await postgres.query<Row>(
      `SELECT * FROM notification
        WHERE squads && $1 AND ($2::bigint IS NULL OR position < $2)
        ORDER BY position DESC LIMIT $3`,
      [[squad, everySquad], position ?? null, limit],
    );
    return rows.map(stored);
  },

  head: async (squad) => {
    const { rows } = await postgres.query<{ head: string | null }>(
      'SELECT max(position) AS head FROM notification WHERE squads && $1',
      [[squad, everySquad]],
    );
    return rows[0]?.head ?? '0';
  },
});
