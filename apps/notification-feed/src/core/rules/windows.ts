/** What came together for one group of a rule within one window. */
export interface WindowTotal {
  readonly count: bigint;
  /** Exact, however large: the sum of what `sum` gave, or the count. */
  readonly sum: bigint;
  /** True once its notification was decided on. */
  readonly told: boolean;
}

/** A window in which nothing has come yet. */
export const emptyWindow: WindowTotal = { count: 0n, sum: 0n, told: false };

/** Begin of the window that a time lies in. Windows follow each other from the epoch on, so that every replica has the same. */
export const windowStart = (at: number, windowMs: number): number => Math.floor(at / windowMs) * windowMs;

/** Adds an event to its window. `crossed` is true for the one event that brings the sum above `over`. */
export const addToWindow = (
  total: WindowTotal,
  amount: bigint,
  over: number,
): { readonly crossed: boolean; readonly total: WindowTotal } => {
  const sum = total.sum + amount;
  const crossed = !total.told && sum > BigInt(over);
  return { crossed, total: { count: total.count + 1n, sum, told: total.told || crossed } };
};
