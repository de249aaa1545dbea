import type { Postgres } from '@soma/postgres';
import { severities } from '../core/severity.js';
import type { Severity } from '../core/notification.js';
import { type InboxItem, type InboxQuery, mostCounted, type Reader, type Unread } from '../people-ports.js';
import { audience } from './people-sql.js';

// The same as `mutes` of core/people/mute.ts, for a table.
const muted = `EXISTS (
  SELECT 1 FROM mute m
   WHERE m.squad = $1 AND m.person = $2 AND (m.until IS NULL OR m.until > now())
     AND (m.kind IS NULL OR m.kind = n.kind OR (m.kind LIKE '%.*' AND starts_with(n.kind, left(m.kind, -1))))
     AND (m.source IS NULL OR m.source = n.source)
     AND (m.dedupe_key IS NULL OR m.dedupe_key = n.dedupe_key))`;

/** A squad's feed as a person sees it: squad, person, whom it names, and the mark. */
const personal = `
  SELECT n.position, n.squads, n.source, n.kind, n.severity, n.title, n.body, n.link, n.dedupe_key, n.metadata,
         n.happened_at, n.stored_at, n.position <= $4::bigint OR r.position IS NOT NULL AS read,
         s.until AS snoozed_until, ${muted} AS muted
    FROM notification_log n
    LEFT JOIN read_position r ON r.squad = $1 AND r.person = $2 AND r.position = n.position
    LEFT JOIN snooze s ON s.squad = $1 AND s.person = $2 AND s.position = n.position AND s.until > now()
   WHERE n.squads && $3`;

const shown = 'NOT muted AND snoozed_until IS NULL';
const isUnread = 'position > $4::bigint AND NOT read';

const page = `
  SELECT mine.*, a.by, a.at, a.note, t.assignee
    FROM (${personal}) mine
    LEFT JOIN acknowledgement a ON a.squad = $1 AND a.position = mine.position
    LEFT JOIN assignment t ON t.squad = $1 AND t.position = mine.position
   WHERE ($5::bigint IS NULL OR mine.position < $5)
     AND ($6::boolean OR (${shown})) AND (NOT $7::boolean OR (mine.${isUnread}))
   ORDER BY mine.position DESC LIMIT $8`;

const counts = `
  SELECT asked.severity, (
           SELECT count(*)::integer FROM (
             SELECT 1 FROM (${personal} AND n.severity = asked.severity) mine
              WHERE ${isUnread} AND ${shown} LIMIT ${mostCounted}) unread) AS count
    FROM unnest($5::text[]) asked (severity)`;

interface Row extends Pick<
  InboxItem,
  'position' | 'squads' | 'source' | 'kind' | 'severity' | 'title' | 'body' | 'link' | 'metadata'
> {
  readonly dedupe_key: string;
  readonly happened_at: Date;
  readonly stored_at: Date;
  readonly read: boolean;
  readonly snoozed_until: Date | null;
  readonly muted: boolean;
  readonly by: string | null;
  readonly at: Date | null;
  readonly note: string | null;
  readonly assignee: string | null;
}

const item = ({
  dedupe_key,
  happened_at,
  stored_at,
  snoozed_until,
  by,
  at,
  note,
  ...rest
}: Row): InboxItem => ({
  ...rest,
  dedupeKey: dedupe_key,
  happenedAt: happened_at.getTime(),
  storedAt: stored_at.getTime(),
  snoozedUntil: snoozed_until?.getTime() ?? null,
  acked: by === null || at === null ? null : { by, at: at.getTime(), note },
});

const markOf = async (postgres: Postgres, { squad, person }: Reader): Promise<string> => {
  const { rows } = await postgres.query<{ up_to: string }>(
    'SELECT up_to FROM read_mark WHERE squad = $1 AND person = $2',
    [squad, person],
  );
  return rows[0]?.up_to ?? '0';
};

/** See `ReadingStore.inbox`. */
export const inboxPage = async (
  postgres: Postgres,
  reader: Reader,
  { before, all, unread, limit }: InboxQuery,
): Promise<readonly InboxItem[]> => {
  const { squad, person } = reader;
  const mark = await markOf(postgres, reader);
  const { rows } = await postgres.query<Row>(page, [
    squad,
    person,
    audience(squad),
    mark,
    before ?? null,
    all,
    unread,
    limit,
  ]);
  return rows.map(item);
};

/** See `ReadingStore.unread`. */
export const unreadCounts = async (postgres: Postgres, reader: Reader): Promise<Unread> => {
  const { squad, person } = reader;
  const upTo = await markOf(postgres, reader);
  const { rows } = await postgres.query<{ severity: Severity; count: number }>(counts, [
    squad,
    person,
    audience(squad),
    upTo,
    severities,
  ]);
  const found = Object.fromEntries(rows.map(({ severity, count }) => [severity, count]));
  return { upTo, counts: found as Unread['counts'] };
};
