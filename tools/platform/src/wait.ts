import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until `check` answers something other than undefined, or `ms` have passed (then undefined). */
export const poll = async <T>(
  check: () => T | undefined | Promise<T | undefined>,
  ms: number,
  everyMs = 100,
): Promise<T | undefined> => {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await check();
    if (answer !== undefined) return answer;
    if (performance.now() >= deadline) return undefined;
    await sleep(everyMs);
  }
};

/** Asks until `check` says yes; false if it did not within `ms`. */
export const until = async (
  check: () => boolean | Promise<boolean>,
  ms: number,
  everyMs = 100,
): Promise<boolean> => (await poll(async () => ((await check()) ? true : undefined), ms, everyMs)) ?? false;
