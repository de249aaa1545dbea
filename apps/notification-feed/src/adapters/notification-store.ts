import type { Postgres } from '@soma/postgres';
import { everySquad, type Severity } from '../core/notification.js';
import type { NotificationStore, StoredNotification } from '../ports.js';

/** Key of the advisory lock under which writers take turns ("feed" in ASCII). */
const writersLock = 0x66656564;

interface Row {
  readonly position: string;
  readonly topic: string;
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
  coordinate: { topic: row.topic, partition: row.partition, offset: row.record_offset },
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
  INSERT INTO notification (topic, partition, record_offset, squads, source, kind, severity, title, body, link,
                            dedupe_key, metadata, happened_at)
  SELECT topic, partition, record_offset, ARRAY(SELECT jsonb_array_elements_text(squads)), source, kind, severity,
         title, body, link, dedupe_key, metadata, happened_at
    FROM jsonb_to_recordset($1::jsonb)
      AS entry (topic text, partition integer, record_offset bigint, squads jsonb, source text, kind text,
                severity text, title text, body text, link text, dedupe_key text, metadata jsonb,
                happened_at timestamptz)
  ON CONFLICT (topic, partition, record_offset) DO NOTHING`;

// Postgres' text knows no NUL byte (SQLSTATE 22P05); an event that has one is still worth telling. Where its
// backslash is itself escaped, the same letters are text and stay.
const withoutNul = (json: string): string => json.replaceAll(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd');

/** Notifications in PostgreSQL. */
export const createNotificationStore = (postgres: Postgres): NotificationStore => ({
  append: (entries) =>
    postgres.transaction(async (transaction) => {
      // Identity values are taken before the commit: without turns a reader could pass a smaller one that
      // commits later, and never see it.
      await transaction.query('SELECT pg_advisory_xact_lock($1)', [writersLock]);
      const rows = entries.map(({ coordinate, notification }) => ({
        topic: coordinate.topic,
        partition: coordinate.partition,
        record_offset: coordinate.offset,
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
      }));
      const { rowCount } = await transaction.query(insert, [withoutNul(JSON.stringify(rows))]);
      return rowCount ?? 0;
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
