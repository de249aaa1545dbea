import type { Queryable } from '@soma/postgres';
import type { FeedState } from '../core/cursor.js';
import { everySquad, type Severity } from '../core/notification.js';
import { beforeWeekOf } from '../core/retention.js';
import type { Filter, Page, StoredNotification } from '../ports.js';

const hourMs = 3_600_000;

export interface StateRow {
  readonly epoch: string;
  readonly begins: string;
  readonly head: string;
  readonly floors: Readonly<Record<Severity, string>>;
}

/** Columns of a {@link StateRow}, from the table feed. */
export const stateColumns =
  'epoch, begins::text, head::text, (SELECT json_object_agg(severity, position::text) FROM feed_floor) AS floors';

export const stateOf = ({ epoch, begins, head, floors }: StateRow): FeedState => ({
  epoch,
  begins: BigInt(begins),
  head: BigInt(head),
  floors: {
    info: BigInt(floors.info),
    warning: BigInt(floors.warning),
    error: BigInt(floors.error),
    critical: BigInt(floors.critical),
  },
});

interface Row extends Omit<StoredNotification, 'coordinate' | 'dedupeKey' | 'happenedAt' | 'storedAt'> {
  /** Null, as are the next two, for what did not come through Kafka. */
  readonly topic: string | null;
  readonly partition: number;
  readonly record_offset: string;
  readonly dedupe_key: string;
  readonly happened_at: number;
  readonly stored_at: number;
}

const columns = `position::text, origin, topic, partition, record_offset::text, squads, source, kind, severity, title,
  body, link, dedupe_key, metadata, floor(extract(epoch FROM happened_at) * 1000)::bigint AS happened_at,
  floor(extract(epoch FROM stored_at) * 1000)::bigint AS stored_at`;

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
  happenedAt: row.happened_at,
  storedAt: row.stored_at,
});

export interface PageQuery {
  readonly squad: string;
  readonly position: bigint | string | undefined;
  readonly limit: number;
  readonly filter: Filter;
}

/** LIKE patterns; a kind holds no letter that means something in one but the underscore. */
const patterns = (kinds: readonly string[]): string[] =>
  kinds.map((kind) => kind.replaceAll(/[\\%_]/g, String.raw`\$&`).replace(/\.\*$/, '.%'));

/** Conditions of a filter, and their parameters behind those that there are. */
const conditions = ({ kinds, severities, topic, since }: Filter, params: unknown[]): string[] => {
  const param = (value: unknown): string => `$${params.push(value)}`;
  return [
    ...(kinds ? [`kind LIKE ANY (${param(patterns(kinds))}::text[])`] : []),
    ...(severities ? [`severity = ANY (${param(severities)}::text[])`] : []),
    ...(topic !== undefined ? [`topic = ${param(topic)}`] : []),
    ...(since !== undefined ? sinceCondition(since, param) : []),
  ];
};

// The position prunes partitions; an hour, because a row's time is taken a moment after its position.
const sinceCondition = (since: number, param: (value: unknown) => string): string[] => [
  `stored_at >= to_timestamp(${param(since / 1_000)})`,
  `position > ${param(beforeWeekOf(since - hourMs))}`,
];

/**
 * One statement, hence one snapshot: all rows up to its head that fit are in its page, and what its floors do not declare
 * gone was there to be found.
 */
const page = async (
  postgres: Queryable,
  { squad, limit, filter }: PageQuery,
  { where, order }: { where: (param: (value: unknown) => string) => string[]; order: 'ASC' | 'DESC' },
): Promise<Page> => {
  const params: unknown[] = [[squad, everySquad], limit];
  const all = ['squads && $1', ...where((value) => `$${params.push(value)}`), ...conditions(filter, params)];
  const { rows } = await postgres.query<StateRow & { notifications: Row[] | null }>(
    `SELECT ${stateColumns}, (
       SELECT json_agg(found) FROM (
         SELECT ${columns} FROM notification_log WHERE ${all.join(' AND ')} ORDER BY notification_log.position ${order} LIMIT $2
       ) found) AS notifications
     FROM feed`,
    params,
  );
  const [row] = rows;
  if (!row) throw new Error('the table feed has lost its row: restore it');
  return { state: stateOf(row), notifications: (row.notifications ?? []).map(stored) };
};

/** Oldest first, behind a position. */
export const pageAfter = (postgres: Queryable, query: PageQuery): Promise<Page> =>
  page(postgres, query, {
    where: (param) => [`notification_log.position > ${param(query.position ?? 0)}`],
    order: 'ASC',
  });

/** Newest first, before a position if there is one. */
export const pageBefore = (postgres: Queryable, query: PageQuery): Promise<Page> =>
  page(postgres, query, {
    where: (param) =>
      query.position === undefined ? [] : [`notification_log.position < ${param(query.position)}`],
    order: 'DESC',
  });

/** The last position that was stored before a moment; milliseconds since 1970. */
export const positionBefore = async (postgres: Queryable, at: number): Promise<bigint> => {
  const least = beforeWeekOf(at - hourMs);
  const { rows } = await postgres.query<{ position: string | null }>(
    `SELECT coalesce(
       (SELECT min(position) - 1 FROM notification_log WHERE stored_at >= to_timestamp($1) AND position > $2),
       (SELECT greatest(head, $2) FROM feed)) AS position`,
    [at / 1_000, least],
  );
  return BigInt(rows[0]?.position ?? '0');
};
