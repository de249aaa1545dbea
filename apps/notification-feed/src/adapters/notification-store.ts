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
import { rawPageAfter } from './raw-query.js';

/** Key of the advisory lock under which writers take turns ("feed" in ASCII); feed_append takes it, too. */
const writersLock = 0x66656564;

interface PlaceRow {
  readonly entry_origin: string;
  readonly entry_position: string;
  readonly entry_is_new: boolean;
}

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

/** Stores what is not stored yet, in its turn: that of the transaction, if it is in one. */
export const appendIn = async (queryable: Queryable, entries: readonly Entry[]): Promise<Placement[]> => {
  if (entries.length === 0) return [];
  const { rows } = await queryable.query<PlaceRow>('SELECT * FROM feed_append($1)', [
    storable(JSON.stringify(entries.map(rowOf))),
  ]);
  const places = new Map(rows.map((row) => [row.entry_origin, row]));
  const told = new Set<string>();
  return entries.map(({ origin }) => {
    const place = places.get(origin);
    if (place === undefined) throw new Error(`neither stored nor there: ${origin}`);
    // Only the first of a batch with the same origin is the new one.
    const isNew = place.entry_is_new && !told.has(origin);
    told.add(origin);
    return { position: place.entry_position, isNew };
  });
};

const one = <R>([row]: readonly R[]): R => {
  if (row === undefined) throw new Error('the table feed has lost its row: restore it');
  return row;
};

/** Notifications in PostgreSQL. */
export const createNotificationStore = (postgres: Postgres): NotificationStore => ({
  append: (entries) => appendIn(postgres, entries),

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

  rawAfter: (squad, position, limit) => rawPageAfter(postgres, { squad, position, limit }),

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
