import type { Postgres } from '@soma/postgres';
import type { KnownDrift } from '../core/drift.js';
import type { Untold } from '../core/drift-notification.js';
import type { DriftLog } from '../ports.js';

type UntoldRow = Omit<Untold, 'at'> & { readonly at: Date };

const columns = 'id, part, resource, field, owner, class, before, after, reason, refused';

// Only what was never tried to be told needs no taking back.
const resolve = `
  UPDATE drift SET resolved_at = clock_timestamp(), closed_at = CASE WHEN tried_at IS NULL THEN clock_timestamp() END
   WHERE id = ANY($1) AND resolved_at IS NULL`;

const replace = `
  UPDATE drift SET resolved_at = clock_timestamp(), closed_at = clock_timestamp()
   WHERE id = ANY($1) AND resolved_at IS NULL`;

const insert = `
  INSERT INTO drift (cluster_id, part, resource, field, owner, class, before, after, reason, refused)
  SELECT $1, entry.* FROM jsonb_to_recordset($2::jsonb) AS entry
    (part text, resource text, field text, owner text, class text, before text, after text, reason text, refused text)
  ON CONFLICT (cluster_id, resource, field) WHERE resolved_at IS NULL DO NOTHING`;

const untold = `
  SELECT ${columns}, CASE WHEN resolved_at IS NULL THEN 'appeared' ELSE 'resolved' END AS news,
         coalesce(resolved_at, first_seen) AS at
    FROM drift
   WHERE cluster_id = $1 AND closed_at IS NULL AND (resolved_at IS NOT NULL OR reported_at IS NULL)
   ORDER BY first_seen, id LIMIT 1000`;

const ids = (drift: readonly { readonly id: string }[]): string[] => drift.map(({ id }) => id);

/** Drift in PostgreSQL (see migrations/). */
export const createDriftLog = (postgres: Postgres): DriftLog => ({
  open: async (clusterId) => {
    const sql = `SELECT ${columns} FROM drift WHERE cluster_id = $1 AND resolved_at IS NULL ORDER BY first_seen, id`;
    return (await postgres.query<KnownDrift>(sql, [clusterId])).rows;
  },

  record: (clusterId, { appeared, changed, resolved }) =>
    postgres.transaction(async (tx) => {
      await tx.query(resolve, [ids(resolved)]);
      await tx.query(replace, [ids(changed.map(({ was }) => was))]);
      const fresh = [...appeared, ...changed.map(({ is }) => is)];
      await tx.query(insert, [clusterId, JSON.stringify(fresh)]);
    }),

  untold: async (clusterId) => {
    const { rows } = await postgres.query<UntoldRow>(untold, [clusterId]);
    return rows.map((row) => ({ ...row, at: row.at.getTime() }));
  },

  trying: async (some) => {
    const sql = 'UPDATE drift SET tried_at = clock_timestamp() WHERE id = ANY($1) AND tried_at IS NULL';
    await postgres.query(sql, [ids(some)]);
  },

  told: async (some) => {
    const of = (news: Untold['news']): string[] => ids(some.filter((one) => one.news === news));
    await postgres.query('UPDATE drift SET reported_at = clock_timestamp() WHERE id = ANY($1)', [
      of('appeared'),
    ]);
    await postgres.query('UPDATE drift SET closed_at = clock_timestamp() WHERE id = ANY($1)', [
      of('resolved'),
    ]);
  },
});
