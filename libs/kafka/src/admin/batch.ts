/** What one request may hold: so many items, which cost so much together. */
export interface BatchLimits {
  readonly items: number;
  readonly cost: number;
}

/**
 * Splits items into requests that keep both limits, in their order and with as few requests as that order allows.
 * An item that costs more than the limit by itself gets a batch of its own.
 */
export const batchByCost = <T>(
  items: readonly T[],
  cost: (item: T) => number,
  limits: BatchLimits,
): T[][] => {
  const batches: T[][] = [];
  let batch: T[] = [];
  let sum = 0;
  for (const item of items) {
    const price = cost(item);
    if (batch.length > 0 && (batch.length >= limits.items || sum + price > limits.cost)) {
      batches.push(batch);
      batch = [];
      sum = 0;
    }
    batch.push(item);
    sum += price;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
};

/** The same by number alone. */
export const batchByCount = <T>(items: readonly T[], count: number): T[][] =>
  batchByCost(items, () => 0, { items: count, cost: 0 });
