import { nextWait, retryAfterMs } from './retry.js';

/** What came back from a receiver. */
export interface Attempt {
  /** HTTP status; null if there was no answer. */
  readonly status: number | null;
  /** Why there was no answer, or none that counts; null if it was delivered. */
  readonly error: string | null;
  /** The answer's `Retry-After`. */
  readonly retryAfter?: string | undefined;
  readonly durationMs: number;
}

/** Why a webhook was disabled: its owner said so, its receiver is gone (410), or has failed for too long. */
export type DisabledReason = 'requested' | 'gone' | 'failing';

/** What becomes of a delivery and its webhook after an attempt. */
export type Verdict =
  | { readonly outcome: 'delivered' }
  /** Tried again after `waitMs`. */
  | { readonly outcome: 'pending'; readonly waitMs: number; readonly disable?: DisabledReason }
  | { readonly outcome: 'failed'; readonly disable?: DisabledReason };

/** Where a delivery and its webhook stand when an attempt comes back; times in milliseconds since the epoch. */
export interface Standing {
  /** 1 for the first of a round. */
  readonly attempt: number;
  /** Begin of the round; null while it is the first attempt that comes back. */
  readonly firstAttemptAt: number | null;
  /** Begin of the failures that no success has ended; null if there are none. */
  readonly failingSince: number | null;
}

/** Failures without a success in between for longer than this disable a webhook, whatever is left to try. */
const longestFailingMs = 5 * 86_400_000;

/** True for an answer by which the receiver has taken the message: a redirect is none, nobody follows it. */
export const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

const statusGone = 410;
const statusesThatAskToWait: readonly (number | null)[] = [429, 503];

/** Decides by what came back. @param random 0 up to 1. */
export const judge = (
  { status, retryAfter }: Attempt,
  { attempt, firstAttemptAt, failingSince }: Standing,
  { now, retries, random }: { now: number; retries: readonly number[]; random: number },
): Verdict => {
  if (isSuccess(status)) return { outcome: 'delivered' };
  if (status === statusGone) return { outcome: 'failed', disable: 'gone' };
  const askedMs = statusesThatAskToWait.includes(status) ? retryAfterMs(retryAfter, now) : 0;
  const waitMs = nextWait(attempt, { retries, askedMs, random });
  const failsForLong = failingSince !== null && now - failingSince > longestFailingMs;
  // One message that a receiver cannot take is no reason while it takes others.
  const nothingPassed = failingSince !== null && firstAttemptAt !== null && failingSince <= firstAttemptAt;
  const disable = failsForLong || (waitMs === undefined && nothingPassed);
  return {
    ...(waitMs === undefined ? { outcome: 'failed' } : { outcome: 'pending', waitMs }),
    ...(disable && { disable: 'failing' }),
  };
};
