import type { Severity } from './notification.js';

/** Milliseconds of a partition, and of the unit in which positions carry time. */
export const weekMs = 7 * 86_400_000;

const weekBits = 40n;

/** The first position that a week may have. */
export const weekBegins = (week: number): bigint => BigInt(week) << weekBits;

/** The last position that was possible before a moment (milliseconds since 1970), in whole weeks. */
export const beforeWeekOf = (at: number): bigint => weekBegins(Math.max(0, Math.floor(at / weekMs))) - 1n;

/** How long notifications are kept, in milliseconds. */
export type Retention = Readonly<Record<Severity, number>>;

/** The notifications of one severity in one week. */
export interface Partition {
  /** Weeks since 1970; 0 is what was stored before positions had weeks. */
  readonly week: number;
  readonly severity: Severity;
}

/** The last position that can be in a partition. */
export const lastOf = ({ week }: Partition): bigint => weekBegins(week + 1) - 1n;

/**
 * The partitions whose youngest notification is past its retention: those whose week ended that long ago.
 *
 * @param weekZeroEnded When the feed began to number by weeks; milliseconds since 1970, as `now`.
 */
export const expired = (
  partitions: readonly Partition[],
  { retention, now, weekZeroEnded }: { retention: Retention; now: number; weekZeroEnded: number },
): Partition[] =>
  partitions.filter(({ week, severity }) => {
    const ended = week === 0 ? weekZeroEnded : (week + 1) * weekMs;
    return ended + retention[severity] <= now;
  });
