/** What is wrong with the events that a service handled, compared with those that were sent. */
export interface OrderReport {
  readonly handled: number;
  readonly distinct: number;
  /** Events that were never handled, as `key version`; at most ten of them. */
  readonly lost: readonly string[];
  /** Events that were handled before their predecessor of the same key; at most ten of them. */
  readonly skippedAhead: readonly string[];
}

const shown = 10;

/**
 * Checks "at least once, in order per key": versions of a key run from 1 to `last`. A redelivery may go back to
 * an earlier version, but no version may be handled before the one in front of it has been, by anybody.
 */
export const checkOrder = (
  handled: readonly { readonly key: string; readonly version: number }[],
  expected: ReadonlyMap<string, number>,
): OrderReport => {
  const reached = new Map<string, number>();
  const seen = new Set<string>();
  const skippedAhead: string[] = [];
  for (const { key, version } of handled) {
    const highest = reached.get(key) ?? 0;
    if (version > highest + 1) skippedAhead.push(`${key} ${version} after ${highest}`);
    reached.set(key, Math.max(highest, version));
    seen.add(`${key} ${version}`);
  }
  const lost: string[] = [];
  for (const [key, last] of expected) {
    for (let version = 1; version <= last; version += 1) {
      if (!seen.has(`${key} ${version}`)) lost.push(`${key} ${version}`);
    }
  }
  return {
    handled: handled.length,
    distinct: seen.size,
    lost: lost.slice(0, shown),
    skippedAhead: skippedAhead.slice(0, shown),
  };
};
