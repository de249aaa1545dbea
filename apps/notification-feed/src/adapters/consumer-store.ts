import type { Postgres } from '@soma/postgres';
import type { ConsumerStore } from '../ports.js';

/** Acknowledgements in PostgreSQL. */
export const createConsumerStore = (postgres: Postgres): ConsumerStore => ({
  find: async (squad, name) => {
    const { rows } = await postgres.query<{ epoch: string; position: string }>(
      'SELECT epoch, position FROM consumer WHERE squad = $1 AND name = $2',
      [squad, name],
    );
    const [row] = rows;
    return row && { epoch: row.epoch, position: BigInt(row.position) };
  },

  acknowledge: async (squad, name, { epoch, position }) => {
    await postgres.query(
      `INSERT INTO consumer (squad, name, epoch, position) VALUES ($1, $2, $3, $4)
       ON CONFLICT (squad, name) DO UPDATE
         SET epoch = excluded.epoch, position = excluded.position, acknowledged_at = clock_timestamp()
       WHERE consumer.epoch <> excluded.epoch OR consumer.position < excluded.position`,
      [squad, name, epoch, position],
    );
  },
});
