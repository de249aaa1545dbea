import { squads } from '@soma/contracts';
import type { Load } from './load.js';
import type { Site } from './site.js';

interface Row {
  readonly position: string;
  readonly squads: readonly string[];
  readonly kind: string;
  readonly dedupe_key: string;
  readonly place: string | null;
}

/** The log as it stands in PostgreSQL. */
export const readLog = async ({ postgres }: Site): Promise<readonly Row[]> => {
  const { rows } = await postgres.query<Row>(
    `SELECT position::text, squads, kind, dedupe_key, partition || '/' || record_offset AS place
       FROM notification_log ORDER BY notification_log.position`,
  );
  return rows;
};

/** Positions of the rows that each squad is to have, ascending. */
export const bySquad = (log: readonly Row[]): Record<string, number[]> =>
  Object.fromEntries(
    squads.map((squad) => [
      squad,
      log
        .filter((row) => row.squads.includes(squad) || row.squads.includes('*'))
        .map(({ position }) => Number(position)),
    ]),
  );

/** What is not one row for each event and each post that was acknowledged, where it was said to be. */
export const wrongRows = (log: readonly Row[], { acknowledged, posted }: Load): string[] => {
  const rows = new Map<string, Row[]>();
  for (const row of log) rows.set(row.dedupe_key, [...(rows.get(row.dedupe_key) ?? []), row]);
  const wrong = [...rows].filter(([key]) => !acknowledged.has(key) && !posted.has(key));
  const complaints = wrong.map(([key]) => `${key}: nobody was told that it is there`);
  const expectOne = (key: string, place: string, placeOf: (row: Row) => string | null): void => {
    const found = rows.get(key)?.map(placeOf) ?? [];
    if (found.length !== 1 || found[0] !== place)
      complaints.push(`${key}: ${found.length} rows at ${found.join(', ')}, not one at ${place}`);
  };
  for (const [key, place] of acknowledged) expectOne(key, place, (row) => row.place);
  for (const [key, position] of posted) expectOne(key, position, (row) => row.position);
  return complaints;
};
