import type { Postgres } from '@soma/postgres';
import type { Severity } from '../core/notification.js';
import { lastOf, type Partition } from '../core/retention.js';
import type { PartitionStore } from '../ports.js';

/** Rows in one deletion: short enough that writers do not wait for it. */
const chunk = 10_000;

const nameOf = ({ week, severity }: Partition): string => `notification_log_w${week}_${severity}`;

const partitionOf = (name: string): Partition[] => {
  const [, week, severity] = /^notification_log_w(\d+)_(info|warning|error|critical)$/.exec(name) ?? [];
  return week === undefined ? [] : [{ week: Number(week), severity: severity as Severity }];
};

/** The log's partitions in PostgreSQL. */
export const createPartitionStore = (postgres: Postgres): PartitionStore => ({
  list: async () => {
    const { rows } = await postgres.query<{ name: string; created_at: Date }>(
      `SELECT relname AS name, created_at
         FROM feed, pg_partition_tree('notification_log') JOIN pg_class ON pg_class.oid = relid
        WHERE isleaf`,
    );
    return {
      partitions: rows.flatMap(({ name }) => partitionOf(name)),
      weekZeroEnded: rows[0]?.created_at.getTime() ?? 0,
    };
  },

  declareGone: async (partitions) => {
    const floors = partitions.map((partition) => ({
      severity: partition.severity,
      position: String(lastOf(partition)),
    }));
    await postgres.query(
      `UPDATE feed_floor SET position = gone.position
         FROM (SELECT severity, max(position) AS position
                 FROM jsonb_to_recordset($1::jsonb) AS one (severity text, position bigint) GROUP BY severity) gone
        WHERE feed_floor.severity = gone.severity AND feed_floor.position < gone.position`,
      [JSON.stringify(floors)],
    );
  },

  drop: async (partition) => {
    await postgres.transaction(async (transaction) => {
      // Whoever reads for long is not waited for, because everybody else would wait behind: the next round drops it.
      await transaction.query("SET LOCAL lock_timeout = '2s'");
      await transaction.query(`DROP TABLE IF EXISTS ${nameOf(partition)}`);
      const week = `notification_log_w${partition.week}`;
      const { rows } = await transaction.query<{ empty: boolean }>(
        'SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = to_regclass($1)) AS empty',
        [week],
      );
      if (rows[0]?.empty) await transaction.query(`DROP TABLE IF EXISTS ${week}`);
    });
  },

  forgetOrigins: async (upTo) => {
    for (let deleted = chunk; deleted === chunk;) {
      ({ rowCount: deleted } = await postgres.query(
        `DELETE FROM notification_origin
          WHERE ctid = ANY (ARRAY(SELECT ctid FROM notification_origin WHERE position <= $1 LIMIT ${chunk}))`,
        [upTo],
      ));
    }
  },
});
