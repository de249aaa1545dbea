import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

const defaultTimeoutMs = 15_000;
const pollMs = 25;

export interface WaitForOptions {
  /** How long to wait, in milliseconds; 15 seconds if not given. */
  readonly timeoutMs?: number;
  /** What is waited for, as the end of the sentence "gave up waiting for …". */
  readonly describe?: string;
}

/**
 * Asks `condition` again and again until it answers something truthy, which is the result. An exception counts as "not
 * yet".
 *
 * @throws Error after the time, with what was waited for and what the last answer or exception was.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = defaultTimeoutMs, describe = 'a condition' }: WaitForOptions = {},
): Promise<Exclude<T, undefined | null | false | '' | 0>> {
  const end = performance.now() + timeoutMs;
  let seen: string;
  do {
    try {
      const answer = await condition();
      if (answer) return answer as Exclude<T, undefined | null | false | '' | 0>;
      seen = inspect(answer);
    } catch (error) {
      seen = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
    }
    await sleep(pollMs);
  } while (performance.now() < end);
  throw new Error(`gave up waiting for ${describe} after ${timeoutMs} ms; last seen: ${seen}`);
}
