import type { Postgres } from '@soma/postgres';
import type { ItemState, PlanRecords, PlanState, RecordedItem, RecordedPlan, Request } from '../ports.js';

interface PlanRow {
  readonly id: string;
  readonly cluster_id: string;
  readonly environment: string;
  readonly fingerprint: string;
  readonly selection: Request;
  readonly state: PlanState;
  readonly items: Partial<Record<ItemState, number>>;
  readonly created_by: string;
  readonly created_at: Date;
  readonly approved_by: string | null;
  readonly approved_at: Date | null;
  readonly applied_by: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

interface ItemRow extends Omit<RecordedItem, 'startedAt' | 'endedAt'> {
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

const planOf = (row: PlanRow): RecordedPlan => ({
  id: row.id,
  clusterId: row.cluster_id,
  environment: row.environment,
  fingerprint: row.fingerprint,
  request: row.selection,
  state: row.state,
  items: row.items,
  createdBy: row.created_by,
  createdAt: row.created_at,
  approvedBy: row.approved_by,
  approvedAt: row.approved_at,
  appliedBy: row.applied_by,
  startedAt: row.started_at,
  endedAt: row.ended_at,
});

const select = `
  SELECT plan.*, coalesce(counted.items, '{}') AS items
    FROM plan
    LEFT JOIN LATERAL (
      SELECT jsonb_object_agg(state, number) AS items
        FROM (SELECT state, count(*) AS number FROM plan_item WHERE plan_id = plan.id GROUP BY state) AS by_state
    ) AS counted ON true`;

/** Recorded plans in PostgreSQL (see migrations/). */
export const createPlanRecords = (postgres: Postgres): PlanRecords => ({
  list: async (limit) => {
    const sql = `${select} ORDER BY created_at DESC, id LIMIT $1`;
    return (await postgres.query<PlanRow>(sql, [limit])).rows.map(planOf);
  },

  find: async (id) => {
    const { rows } = await postgres.query<PlanRow>(`${select} WHERE plan.id = $1`, [id]);
    return rows[0] && planOf(rows[0]);
  },

  items: async (id) => {
    const { rows } = await postgres.query<ItemRow>(
      `SELECT position, change, state, attempts, error, message, started_at, ended_at FROM plan_item
        WHERE plan_id = $1 ORDER BY position`,
      [id],
    );
    return rows.map(({ started_at, ended_at, ...item }) => ({
      ...item,
      startedAt: started_at,
      endedAt: ended_at,
    }));
  },

  approve: async (id, by) => {
    const { rowCount } = await postgres.query(
      `UPDATE plan SET state = 'approved', approved_by = $2, approved_at = clock_timestamp()
        WHERE id = $1 AND state = 'draft'`,
      [id, by],
    );
    return rowCount === 1;
  },
});
