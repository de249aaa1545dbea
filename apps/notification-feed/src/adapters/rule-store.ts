import type { Postgres, Queryable } from '@soma/postgres';
import type { Decided } from '../core/rules/decide.js';
import type { Entry, RuleStore } from '../ports.js';
import { appendIn, inTurn, storable } from './notification-store.js';
import { loadState, saveState } from './rule-state.js';

/** One event may be told by the feed itself and by any number of rules: the coordinate is the feed's own. */
const entryOf = ({ origin, notification }: Decided): Entry => ({ origin, notification });

/** How many of them were new. */
const insertEntries = async (transaction: Queryable, entries: readonly Entry[]): Promise<number> =>
  (await appendIn(transaction, entries)).filter(({ isNew }) => isNew).length;

const hold = `
  INSERT INTO rule_held (origin, due, entry)
  SELECT origin, to_timestamp(due::numeric / 1000), entry
    FROM jsonb_to_recordset($1::jsonb) AS held (origin text, due bigint, entry jsonb)
  ON CONFLICT (origin) DO NOTHING`;

/** Rules' state and notifications in PostgreSQL. */
export const createRuleStore = (postgres: Postgres): RuleStore => ({
  update: (keys, decide) =>
    inTurn(postgres, async (transaction) => {
      const decision = decide(await loadState(transaction, keys));
      await saveState(transaction, keys, decision.state);
      const now = decision.notifications.filter(({ heldUntil }) => heldUntil === undefined);
      const later = decision.notifications.filter(({ heldUntil }) => heldUntil !== undefined);
      if (now.length > 0) await insertEntries(transaction, now.map(entryOf));
      if (later.length > 0) {
        const rows = later.map((one) => ({ origin: one.origin, due: one.heldUntil, entry: entryOf(one) }));
        await transaction.query(hold, [storable(JSON.stringify(rows))]);
      }
      return decision;
    }),

  release: async (now) => {
    const time = new Date(now).toISOString();
    const { rows } = await postgres.query('SELECT 1 FROM rule_held WHERE due <= $1 LIMIT 1', [time]);
    // The feed's writers need not wait for a look that finds nothing.
    if (rows.length === 0) return 0;
    return inTurn(postgres, async (transaction) => {
      const { rows: due } = await transaction.query<{ entry: Entry }>(
        'DELETE FROM rule_held WHERE due <= $1 RETURNING entry',
        [time],
      );
      return insertEntries(
        transaction,
        due.map(({ entry }) => entry),
      );
    });
  },

  tell: async (origin, notification) =>
    (await inTurn(postgres, (transaction) => insertEntries(transaction, [{ origin, notification }]))) > 0,

  forget: async (now, afterMs) => {
    await postgres.query('DELETE FROM rule_window WHERE ends_at < $1 AND touched_at < $1', [
      new Date(now - afterMs).toISOString(),
    ]);
  },
});
