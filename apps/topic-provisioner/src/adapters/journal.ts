import { randomUUID } from 'node:crypto';
import { type Postgres, type PostgresConfig, type Queryable, takeLock } from '@soma/postgres';
import { fingerprint } from '../core/fingerprint.js';
import { type Change, changeId } from '../core/types.js';
import type { Applied, Item, ItemState, Journal, NewPlan, PlanState, Run } from '../ports.js';

/** Another process has taken this apply over, or it was ended: this one must not go on. */
export class ApplyTakenOver extends Error {
  override readonly name = 'ApplyTakenOver';
  readonly code = 'APPLY_TAKEN_OVER';
}

/** A recorded plan that may not be applied: nobody approved it, or somebody has applied it already. */
export class PlanNotApproved extends Error {
  override readonly name = 'PlanNotApproved';
  readonly code = 'PLAN_NOT_APPROVED';
  readonly status = 409;

  constructor(id: string) {
    super(`plan ${id} is not approved, or is applied already: nothing was applied`);
  }
}

const insertPlan = `
  INSERT INTO plan (cluster_id, environment, fingerprint, selection, state, created_by)
  VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`;

const insertItems = `
  INSERT INTO plan_item (plan_id, position, resource, field, before, after, class, change, state)
  SELECT $1, $4 + (ordinality - 1)::integer, change->>'resource', change->>'field', change->>'before',
         change->>'after', change->>'class', change, ($3::text[])[ordinality]
    FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS item (change, ordinality)`;

/** A plan of ten thousand topics is tens of megabytes of JSON: it is never written, or held, in one piece. */
const itemsPerStatement = 1_000;

const record = async (
  on: Queryable,
  { plan: { clusterId, changes }, environment, request, by }: NewPlan,
  state: PlanState,
  stateOf: (change: Change) => ItemState,
): Promise<string> => {
  const print = fingerprint({ clusterId, changes });
  const facts = [clusterId, environment, print, JSON.stringify(request), state, by];
  const { rows } = await on.query<{ id: string }>(insertPlan, facts);
  const id = rows[0]?.id ?? '';
  for (let first = 0; first < changes.length; first += itemsPerStatement) {
    const some = changes.slice(first, first + itemsPerStatement);
    await on.query(insertItems, [id, JSON.stringify(some), some.map(stateOf), first]);
  }
  return id;
};

/** Makes this process the one that applies a plan; who asked for it first stays on record. */
const claim = async (on: Queryable, id: string, runner: string, by: string): Promise<void> => {
  await on.query(
    `UPDATE plan SET state = 'applying', runner = $2, applied_by = coalesce(applied_by, $3),
                     started_at = coalesce(started_at, clock_timestamp())
      WHERE id = $1`,
    [id, runner, by],
  );
};

const updateItems = `
  UPDATE plan_item AS item
     SET state = entry.state, error = entry.error, message = entry.message,
         attempts = item.attempts + CASE WHEN entry.state = 'started' THEN 1 ELSE 0 END,
         started_at = CASE WHEN entry.state = 'started' THEN clock_timestamp() ELSE item.started_at END,
         ended_at = CASE WHEN entry.state = 'started' THEN NULL ELSE clock_timestamp() END
    FROM jsonb_to_recordset($3::jsonb) AS entry (position integer, state text, error text, message text), plan
   WHERE item.plan_id = $1 AND item.position = entry.position AND item.position = ANY ($4::integer[])
     AND plan.id = $1 AND plan.runner = $2`;

const runOf = (postgres: Postgres, id: string, runner: string, items: readonly Item[]): Run => {
  const positions = new Map(items.map(({ position, change }) => [changeId(change), position]));
  const positionOf = (change: Change): number | undefined => positions.get(changeId(change));
  const mine = (rowCount: number, expected: number): void => {
    if (rowCount < expected) throw new ApplyTakenOver(`another process goes on with plan ${id}`);
  };
  const write = async (entries: readonly { readonly position: number | undefined }[]): Promise<void> => {
    if (entries.length === 0) return;
    // The positions once more by themselves: the statement then reads these items only, and not the whole plan.
    const written = entries.map(({ position }) => position);
    const { rowCount } = await postgres.query(updateItems, [id, runner, JSON.stringify(entries), written]);
    mine(rowCount, entries.length);
  };
  return {
    id,
    items,
    started: (changes) =>
      write(changes.map((change) => ({ position: positionOf(change), state: 'started' }))),
    ended: (applied) =>
      write(
        applied.map(({ change, outcome }: Applied) => ({
          position: positionOf(change),
          state: outcome.ok ? 'done' : 'failed',
          ...(!outcome.ok && { error: outcome.error, message: outcome.message }),
        })),
      ),
    manifest: async (change, manifest) => {
      const { rowCount } = await postgres.query(
        'UPDATE plan_item SET manifest = $3 WHERE plan_id = $1 AND position = $2',
        [id, positionOf(change), JSON.stringify(manifest)],
      );
      mine(rowCount, 1);
    },
    finish: async () => {
      const { rowCount } = await postgres.query(
        `UPDATE plan SET state = 'ended', ended_at = clock_timestamp() WHERE id = $1 AND runner = $2`,
        [id, runner],
      );
      mine(rowCount, 1);
    },
  };
};

const untouched = { attempts: 0, error: null, message: null };

const readItems = async (on: Queryable, id: string): Promise<Item[]> => {
  const { rows } = await on.query<Item>(
    `SELECT position, change, state, attempts, error, message FROM plan_item
      WHERE plan_id = $1 AND state <> 'left' ORDER BY position`,
    [id],
  );
  return [...rows];
};

/** Applies recorded in PostgreSQL (see migrations/). */
export const createJournal = (postgres: Postgres, config: PostgresConfig): Journal => ({
  exclusively: async (clusterId, work, { stop = new AbortController().signal, onWait } = {}) => {
    const name = `topic-provisioner apply ${clusterId}`;
    const applicationName = 'topic-provisioner apply';
    let lock = await takeLock(config, name, { applicationName });
    if (!lock) {
      onWait?.();
      lock = await takeLock(config, name, { wait: stop, applicationName });
    }
    if (!lock) throw new ApplyTakenOver('the wait for the turn to apply was given up');
    try {
      return await work(AbortSignal.any([lock.lost, stop]));
    } finally {
      await lock.release();
    }
  },

  draft: (plan) => postgres.transaction((tx) => record(tx, plan, 'draft', () => 'planned')),

  begin: async (plan, chosen) => {
    const runner = randomUUID();
    const ids = new Set(chosen.map(changeId));
    const stateOf = (change: Change): ItemState => (ids.has(changeId(change)) ? 'pending' : 'left');
    const items = plan.plan.changes
      .map((change, position): Item => ({ ...untouched, position, change, state: stateOf(change) }))
      .filter(({ state }) => state !== 'left');
    return postgres.transaction(async (tx) => {
      const id = await record(tx, plan, 'applying', stateOf);
      await claim(tx, id, runner, plan.by);
      return runOf(postgres, id, runner, items);
    });
  },

  beginDraft: async (id, chosen, by) => {
    const runner = randomUUID();
    return postgres.transaction(async (tx) => {
      const { rowCount } = await tx.query(
        `SELECT id FROM plan WHERE id = $1 AND state = 'approved' FOR UPDATE`,
        [id],
      );
      if (rowCount === 0) throw new PlanNotApproved(id);
      await claim(tx, id, runner, by);
      await tx.query(
        `UPDATE plan_item SET state = CASE WHEN resource || ' ' || field = ANY($2) THEN 'pending' ELSE 'left' END
          WHERE plan_id = $1`,
        [id, chosen.map(changeId)],
      );
      return runOf(postgres, id, runner, await readItems(tx, id));
    });
  },

  takeOver: (clusterId, by) =>
    postgres.transaction(async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `SELECT id FROM plan WHERE cluster_id = $1 AND state = 'applying' ORDER BY created_at`,
        [clusterId],
      );
      const runs: Run[] = [];
      for (const { id } of rows) {
        const runner = randomUUID();
        await claim(tx, id, runner, by);
        runs.push(runOf(postgres, id, runner, await readItems(tx, id)));
      }
      return runs;
    }),
});
