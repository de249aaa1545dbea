import type { Postgres, Queryable } from '@soma/postgres';
import { type Mute, muteId } from '../core/people/mute.js';
import { mostMutes, type Reader, type ReadingStore } from '../people-ports.js';
import { inboxPage, unreadCounts } from './inbox-sql.js';
import { audience, ifInFeed, inFeed } from './people-sql.js';

// Beyond the end of the feed nobody has read anything: what comes next would be taken for read.
const moveMark = `
  INSERT INTO read_mark AS mark (squad, person, up_to)
  VALUES ($1, $2, least($3, (SELECT head FROM feed)))
  ON CONFLICT (squad, person) DO UPDATE SET up_to = greatest(mark.up_to, excluded.up_to)
  RETURNING up_to`;

const addPositions = `
  INSERT INTO read_position (squad, person, position)
  SELECT $1, $2, position FROM unnest($3::bigint[]) AS read (position) WHERE position > $4
  ON CONFLICT DO NOTHING`;

// What was read one by one without a hole behind the mark becomes a part of it.
const closeUp = `
  WITH single AS MATERIALIZED (
    SELECT position FROM read_position WHERE squad = $1 AND person = $2
  ), hole AS (
    SELECT position FROM notification_log n
     WHERE squads && $4 AND position > $3 AND position < (SELECT max(position) FROM single)
       AND NOT EXISTS (SELECT 1 FROM single WHERE single.position = n.position)
     ORDER BY position LIMIT 1
  )
  UPDATE read_mark SET up_to = greatest(up_to, (
      SELECT max(position) FROM single WHERE position < coalesce((SELECT position FROM hole), 9223372036854775807)))
   WHERE squad = $1 AND person = $2
  RETURNING up_to`;

const compacted = async (on: Queryable, { squad, person }: Reader, mark: string): Promise<string> => {
  const { rows } = await on.query<{ up_to: string }>(closeUp, [squad, person, mark, audience(squad)]);
  const upTo = rows[0]?.up_to ?? mark;
  await on.query('DELETE FROM read_position WHERE squad = $1 AND person = $2 AND position <= $3', [
    squad,
    person,
    upTo,
  ]);
  return upTo;
};

/** Takes the lock on the person's mark, so that what they do at once from two devices takes turns. */
const mark = async (on: Queryable, { squad, person }: Reader, position: string): Promise<string> => {
  const { rows } = await on.query<{ up_to: string }>(moveMark, [squad, person, position]);
  return rows[0]?.up_to ?? '0';
};

interface MuteRow extends Pick<Mute, 'id' | 'kind' | 'source'> {
  readonly dedupe_key: string | null;
  readonly until: Date | null;
  readonly created_at: Date;
}

const muteOf = ({ id, kind, source, dedupe_key, until, created_at }: MuteRow): Mute => ({
  id,
  kind,
  source,
  dedupeKey: dedupe_key,
  until: until?.getTime() ?? null,
  createdAt: created_at.getTime(),
});

const inForce = 'squad = $1 AND person = $2 AND (until IS NULL OR until > now())';

const mute = `
  INSERT INTO mute (squad, person, id, kind, source, dedupe_key, until)
  SELECT $1, $2, $3, $4, $5, $6, $7
   WHERE (SELECT count(*) FROM mute WHERE ${inForce} AND id <> $3) < ${mostMutes}
  ON CONFLICT (squad, person, id) DO UPDATE SET until = excluded.until
  RETURNING id, kind, source, dedupe_key, until, created_at`;

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** What people have read, snoozed and muted, in PostgreSQL. */
export const createReadingStore = (postgres: Postgres): ReadingStore => ({
  readUpTo: (reader, position) =>
    postgres.transaction(async (transaction) =>
      compacted(transaction, reader, await mark(transaction, reader, position)),
    ),

  read: (reader, positions) =>
    postgres.transaction(async (transaction) => {
      const known = await inFeed(transaction, reader.squad, positions);
      const unknown = positions.filter((position) => !known.has(position));
      if (unknown.length > 0) return { unknown };
      const before = await mark(transaction, reader, '0');
      await transaction.query(addPositions, [reader.squad, reader.person, positions, before]);
      return { upTo: await compacted(transaction, reader, before) };
    }),

  unread: (reader) => unreadCounts(postgres, reader),

  inbox: (reader, query) => inboxPage(postgres, reader, query),

  snooze: async ({ squad, person }, position, until) =>
    (await ifInFeed(postgres, squad, position, () =>
      postgres.query(
        `INSERT INTO snooze (squad, person, position, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (squad, person, position) DO UPDATE SET until = excluded.until`,
        [squad, person, position, timeOf(until)],
      ),
    )) !== undefined,

  wake: async ({ squad, person }, position) =>
    (await ifInFeed(postgres, squad, position, () =>
      postgres.query('DELETE FROM snooze WHERE squad = $1 AND person = $2 AND position = $3', [
        squad,
        person,
        position,
      ]),
    )) !== undefined,

  mute: async ({ squad, person }, matcher, until) => {
    const { kind, source, dedupeKey } = matcher;
    const { rows } = await postgres.query<MuteRow>(mute, [
      squad,
      person,
      muteId(matcher),
      kind,
      source,
      dedupeKey,
      until === null ? null : timeOf(until),
    ]);
    return rows[0] && muteOf(rows[0]);
  },

  mutes: async ({ squad, person }) => {
    const { rows } = await postgres.query<MuteRow>(
      `SELECT id, kind, source, dedupe_key, until, created_at FROM mute WHERE ${inForce} ORDER BY created_at DESC, id`,
      [squad, person],
    );
    return rows.map(muteOf);
  },

  unmute: async ({ squad, person }, id) => {
    const { rowCount } = await postgres.query(
      'DELETE FROM mute WHERE squad = $1 AND person = $2 AND id = $3',
      [squad, person, id],
    );
    return rowCount > 0;
  },
});
