/**
 * Runs one call per item, at most `limit` at a time; answers in the order of the items. After a failure it begins
 * nothing more, waits for what is under way, and throws the first error.
 */
export const inFlight = async <I, O>(
  items: readonly I[],
  limit: number,
  run: (item: I) => Promise<O>,
): Promise<O[]> => {
  const answers: O[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        answers[index] = await run(items[index] as I);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return answers;
};
