const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Waits after the first attempt, the second, and so on, as the Standard Webhooks specification proposes. */
export const defaultRetries = '5s,5m,30m,2h,5h,10h,14h,20h,24h';

/** Reads a list of waits such as `5s,5m,2h`, in milliseconds; undefined if it is none. */
export const parseRetries = (text: string): readonly number[] | undefined => {
  const waits = text.split(',').map((wait) => /^(\d{1,6})(ms|s|m|h)$/.exec(wait.trim()));
  return waits.every((wait) => wait !== null)
    ? waits.map(([, count, unit]) => Number(count) * unitMs[unit as keyof typeof unitMs])
    : undefined;
};

const longestAskedMs = 24 * unitMs.h;

/**
 * Milliseconds that a receiver asks for with `Retry-After` (seconds or an HTTP date): at most a day, 0 if it says nothing
 * that can be read or a time that has passed.
 */
export const retryAfterMs = (header: string | undefined, now: number): number => {
  if (header === undefined) return 0;
  const text = header.trim();
  const asked = /^\d+$/.test(text) ? Number(text) * unitMs.s : Date.parse(text) - now;
  return Number.isNaN(asked) ? 0 : Math.min(Math.max(asked, 0), longestAskedMs);
};

/** Part of a wait by which it is made longer or shorter, at most. */
const jitter = 0.2;

/**
 * Milliseconds from the end of an attempt (1 is the first) to the next one; undefined if that was the last. Waits are
 * spread by up to a fifth either way, so that what failed together does not come back together; a receiver gets at
 * least the time that it asked for.
 *
 * @param random 0 up to 1.
 */
export const nextWait = (
  attempt: number,
  { retries, askedMs, random }: { retries: readonly number[]; askedMs: number; random: number },
): number | undefined => {
  const wait = retries[attempt - 1];
  if (wait === undefined) return undefined;
  return Math.max(Math.round(wait * (1 - jitter + 2 * jitter * random)), askedMs);
};
