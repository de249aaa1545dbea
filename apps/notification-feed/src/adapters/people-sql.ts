import type { Queryable } from '@soma/postgres';
import { everySquad } from '../core/notification.js';

/** Whom a notification may name so that it is in a squad's feed. */
export const audience = (squad: string): readonly string[] => [squad, everySquad];

/** Those of the positions that are in a squad's feed. */
export const inFeed = async (
  on: Queryable,
  squad: string,
  positions: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await on.query<{ position: string }>(
    'SELECT position FROM notification_log WHERE position = ANY($1::bigint[]) AND squads && $2',
    [positions, audience(squad)],
  );
  return new Set(rows.map(({ position }) => position));
};

/** Runs work if the position is in a squad's feed; answers undefined if not. */
export const ifInFeed = async <T>(
  on: Queryable,
  squad: string,
  position: string,
  work: () => Promise<T>,
): Promise<T | undefined> => ((await inFeed(on, squad, [position])).size > 0 ? work() : undefined);
