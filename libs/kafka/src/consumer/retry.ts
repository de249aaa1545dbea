/** How often and how long a handler is given another try before its event becomes a dead letter. */
export interface RetryPolicy {
  /** Calls of the handler in all, the first one included. */
  readonly attempts: number;
  readonly initialMs: number;
  readonly maxMs: number;
}

export const defaultRetry: RetryPolicy = { attempts: 5, initialMs: 100, maxMs: 5_000 };

/**
 * Milliseconds to wait after the given failed attempt (1 is the first): doubled each time, capped, of which
 * the upper half is random ("equal jitter", Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
 */
export const retryDelay = (attempt: number, { initialMs, maxMs }: RetryPolicy, random: number): number => {
  const ceiling = Math.min(maxMs, initialMs * 2 ** Math.min(attempt - 1, 30));
  return ceiling / 2 + (ceiling / 2) * random;
};
