import { lastTimes, type Schedule } from './schedule.js';

/** A digest that was missed for longer than this is not told any more. */
const dayMs = 86_400_000;
/** A digest that comes back after a long time does not tell all of it. */
const longestMs = 31 * dayMs;

/** What a digest covers: from one time up to, and without, the scheduled time. */
export interface DueDigest {
  readonly from: number;
  readonly at: number;
}

/**
 * The digest that is to be told now; `handled` is the scheduled time of the last one. Of those that were missed only the
 * latest is told, and it covers what the others would have. Milliseconds since the epoch.
 */
export const dueDigest = (
  schedule: Schedule,
  handled: number | undefined,
  now: number,
): DueDigest | undefined => {
  const [at, before = 0] = lastTimes(schedule, now, 2);
  if (at === undefined || at <= now - dayMs || (handled !== undefined && at <= handled)) return undefined;
  return { from: handled === undefined ? before : Math.max(handled, before - longestMs), at };
};
