import type { Postgres, Queryable } from '@soma/postgres';
import type { Acknowledgement, Assignment, ResponseRecord, ResponseStore } from '../people-ports.js';
import { ifInFeed } from './people-sql.js';

interface AcknowledgementRow {
  readonly by: string;
  readonly at: Date;
  readonly note: string | null;
}

type AssignmentRow = Omit<AcknowledgementRow, 'note'> & { readonly assignee: string };

const acknowledgement = ({ by, at, note }: AcknowledgementRow): Acknowledgement => ({
  by,
  at: at.getTime(),
  note,
});
const assignment = ({ assignee, by, at }: AssignmentRow): Assignment => ({ assignee, by, at: at.getTime() });

// Whoever comes second waits for the first one's commit, changes nothing, and reads what is there; xmax is 0 in a row that
// nobody has touched since it was made.
const acknowledge = `
  INSERT INTO acknowledgement AS there (squad, position, by, note) VALUES ($1, $2, $3, $4)
  ON CONFLICT (squad, position) DO UPDATE SET by = there.by
  RETURNING by, at, note, xmax = 0 AS is_new`;

// The same assignee again is no news.
const assign = `
  INSERT INTO assignment AS there (squad, position, assignee, by) VALUES ($1, $2, $3, $4)
  ON CONFLICT (squad, position) DO UPDATE SET assignee = excluded.assignee, by = excluded.by, at = excluded.at
    WHERE there.assignee <> excluded.assignee
  RETURNING assignee, by, at`;

/** What squads do with notifications, in PostgreSQL. */
export const createResponseStore = (postgres: Postgres): ResponseStore => {
  const record = async (
    on: Queryable,
    squad: string,
    position: string,
    { act, by, detail }: Omit<ResponseRecord, 'at'>,
  ): Promise<void> => {
    await on.query(
      'INSERT INTO response_history (squad, position, act, by, detail) VALUES ($1, $2, $3, $4, $5)',
      [squad, position, act, by, detail],
    );
  };
  const within = <T>(squad: string, position: string, work: (transaction: Queryable) => Promise<T>) =>
    postgres.transaction((transaction) => ifInFeed(transaction, squad, position, () => work(transaction)));

  return {
    acknowledge: (squad, position, by, note) =>
      within(squad, position, async (transaction) => {
        const { rows } = await transaction.query<AcknowledgementRow & { is_new: boolean }>(acknowledge, [
          squad,
          position,
          by,
          note,
        ]);
        const [row] = rows;
        if (!row) throw new Error(`neither acknowledged now nor before: ${position}`);
        if (row.is_new) await record(transaction, squad, position, { act: 'acknowledged', by, detail: note });
        return acknowledgement(row);
      }),

    withdraw: (squad, position, by) =>
      within(squad, position, async (transaction) => {
        const { rowCount } = await transaction.query(
          'DELETE FROM acknowledgement WHERE squad = $1 AND position = $2',
          [squad, position],
        );
        if (rowCount > 0) await record(transaction, squad, position, { act: 'withdrawn', by, detail: null });
        return true as const;
      }),

    assign: (squad, position, assignee, by) =>
      within(squad, position, async (transaction) => {
        const changed = await transaction.query<AssignmentRow>(assign, [squad, position, assignee, by]);
        const [row] = changed.rows;
        if (row) {
          await record(transaction, squad, position, { act: 'assigned', by, detail: assignee });
          return assignment(row);
        }
        const { rows } = await transaction.query<AssignmentRow>(
          'SELECT assignee, by, at FROM assignment WHERE squad = $1 AND position = $2',
          [squad, position],
        );
        if (!rows[0]) throw new Error(`neither assigned now nor before: ${position}`);
        return assignment(rows[0]);
      }),

    unassign: (squad, position, by) =>
      within(squad, position, async (transaction) => {
        const { rows } = await transaction.query<{ assignee: string }>(
          'DELETE FROM assignment WHERE squad = $1 AND position = $2 RETURNING assignee',
          [squad, position],
        );
        const [gone] = rows;
        if (gone)
          await record(transaction, squad, position, { act: 'unassigned', by, detail: gone.assignee });
        return true as const;
      }),

    history: (squad, position) =>
      ifInFeed(postgres, squad, position, async () => {
        const { rows } = await postgres.query<Omit<ResponseRecord, 'at'> & { at: Date }>(
          `SELECT act, by, at, detail FROM response_history WHERE position = $1 AND squad = $2 ORDER BY id`,
          [position, squad],
        );
        return rows.map(({ at, ...rest }) => ({ ...rest, at: at.getTime() }));
      }),
  };
};
