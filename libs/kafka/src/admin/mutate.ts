import { setTimeout as sleep } from 'node:timers/promises';
import { batchByCost, type BatchLimits } from './batch.js';
import type { MutationOptions, Outcome } from './types.js';

/** Kafka refuses a CreateTopics request beyond 10,000 partitions; 1000 items keep every request small. */
const mutationLimits: BatchLimits = { items: 1000, cost: 10_000 };
const waitAtMostMs = 5 * 60_000;
const waitAtLeastMs = 100;

/** One kind of change, and how one request with some of its items is sent. */
export interface Mutation<I, K> {
  readonly items: readonly I[];
  readonly key: (item: I) => K;
  /** What an item counts towards the limit of a request; nothing if left out. */
  readonly cost?: (item: I) => number;
  /** Outcomes in the order of the batch. */
  readonly send: (
    batch: readonly I[],
  ) => Promise<{ readonly throttleTimeMs: number; readonly outcomes: readonly Outcome[] }>;
}

const throttled = (outcome: Outcome | undefined): boolean =>
  outcome?.ok === false && outcome.error === 'THROTTLING_QUOTA_EXCEEDED';

/**
 * Sends the items in batches, one after the other, and tells `onBatch` what became of each batch before the next one
 * is sent. What a controller mutation quota refuses (KIP-599) is sent again after the time that the broker gave,
 * until `deadlineMs` after the call; then the broker's refusal is the outcome.
 */
export const mutate = async <I, K>(
  { items, key, cost = () => 0, send }: Mutation<I, K>,
  { onBatch }: MutationOptions<K> = {},
  deadlineMs = waitAtMostMs,
): Promise<Map<K, Outcome>> => {
  const all = new Map<K, Outcome>();
  const deadline = performance.now() + deadlineMs;
  const waiting = batchByCost(items, cost, mutationLimits);
  for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
    const { throttleTimeMs, outcomes } = await send(batch);
    const anyRefused = outcomes.some(throttled);
    const pauseMs = anyRefused ? Math.max(waitAtLeastMs, throttleTimeMs) : throttleTimeMs;
    const inTime = performance.now() + pauseMs <= deadline;
    const again: I[] = [];
    const done = new Map<K, Outcome>();
    batch.forEach((item, index) => {
      const outcome = outcomes[index] as Outcome;
      if (inTime && throttled(outcome)) again.push(item);
      else done.set(key(item), outcome);
    });
    for (const [name, outcome] of done) all.set(name, outcome);
    if (done.size > 0) await onBatch?.(done);
    if (again.length > 0) waiting.unshift(again);
    if (waiting.length > 0 && pauseMs > 0 && inTime) await sleep(pauseMs);
  }
  return all;
};
