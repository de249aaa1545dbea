import type { Queryable } from '@soma/postgres';
import { everySquad } from '../core/notification.js';
import type { RawPage } from '../ports.js';
import { stateColumns, stateOf, type StateRow } from './notification-query.js';

interface RawRow {
  /** In the first row the last position that was looked at, its JSON the state, and how many were looked at. */
  readonly position: string | null;
  readonly json: string;
  readonly happened_at: string;
  readonly stored_at: string;
}

const time = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`;
const milliseconds = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)::bigint::text`;

// The members of the API's view, in its order (see view.ts). PostgreSQL writes them while this process sends what it has.
const view = `
  SELECT position::text, origin, squads, source, kind, severity, title, body, link, metadata, dedupe_key,
         ${time('happened_at')}, ${time('stored_at')},
         CASE WHEN topic IS NOT NULL
              THEN json_build_object('topic', topic, 'partition', partition, 'offset', record_offset::text) END AS event`;

// One statement, hence one snapshot, as in notification-query.ts. What is looked at is bounded, and not what is found: that
// is always a walk along the primary key, whatever the planner thinks of how many rows a squad has.
const select = `
  WITH looked AS MATERIALIZED (
    SELECT * FROM notification_log WHERE position > $2 ORDER BY position LIMIT $3
  )
  SELECT (SELECT max(position) FROM looked)::text AS position,
         (SELECT row_to_json(state) FROM (SELECT ${stateColumns} FROM feed) state)::text AS json,
         (SELECT count(*) FROM looked)::text AS happened_at, NULL AS stored_at
  UNION ALL
  SELECT * FROM (
    SELECT position::text, (SELECT row_to_json(viewed) FROM (${view}) viewed)::text, ${milliseconds('happened_at')},
           ${milliseconds('stored_at')}
      FROM looked WHERE squads && $1 ORDER BY looked.position) found`;

/** What is addressed to a squad behind a position, oldest first, among the next `limit` notifications of the feed. */
export const rawPageAfter = async (
  postgres: Queryable,
  { squad, position, limit }: { squad: string; position: bigint; limit: number },
): Promise<RawPage> => {
  const { rows } = await postgres.query<RawRow>(select, [[squad, everySquad], position, limit]);
  const [first, ...found] = rows;
  if (!first) throw new Error('a statement without FROM has one row');
  const state = stateOf(JSON.parse(first.json) as StateRow);
  const whole = first.position === null || Number(first.happened_at) < limit;
  return {
    state,
    upTo: whole ? (state.head > position ? state.head : position) : BigInt(first.position),
    notifications: found.map(({ json, ...row }) => ({
      position: row.position ?? '',
      json,
      happenedAt: Number(row.happened_at),
      storedAt: Number(row.stored_at),
    })),
  };
};
