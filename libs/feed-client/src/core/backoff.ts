const shortestMs = 500;
const longestMs = 30_000;
/** The longest that a timer can wait. */
const longestTimerMs = 2 ** 31 - 1;

/** What an attempt to reconnect knows. */
export interface Attempt {
  /** Attempts that have failed since the last healthy connection, from 0. */
  readonly failed: number;
  /** What the server's `retry:` said, in milliseconds. */
  readonly retryMs: number | undefined;
  /** What `Retry-After` said, in milliseconds: not earlier than that. */
  readonly retryAfterMs: number | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}

/**
 * Milliseconds to wait before the next attempt: anything up to a ceiling that doubles from the server's wish (500 ms
 * without one) to 30 s, so that clients that were cut off together do not come back together.
 */
export const backoffMs = ({ failed, retryMs = shortestMs, retryAfterMs = 0, random }: Attempt): number => {
  const base = Math.min(Math.max(retryMs, shortestMs), longestMs);
  const ceiling = Math.min(base * 2 ** Math.min(failed, 10), longestMs);
  return Math.min(retryAfterMs + random * ceiling, longestTimerMs);
};

/** Milliseconds that a `Retry-After` asks for, as seconds or as a date; undefined if it says nothing that is understood. */
export const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
