import type { Connection } from '../../connection.js';

/** What every part of the suite is given. */
export interface Bench {
  readonly connection: Connection;
  /** Of everything that this run makes. */
  readonly prefix: string;
  readonly progress: (text: string) => void;
  /** Ends the work before its next request; whoever made something removes it then. */
  readonly signal: AbortSignal;
}

const limitMs = 30 * 60_000;

/**
 * Runs work with a signal that Ctrl-C, SIGTERM or half an hour raises. It ends in order, so that nothing is made
 * after it was removed; a second Ctrl-C ends the process at once.
 */
export const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('interrupted'));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.once(name, stop);
  const late = setTimeout(
    () => controller.abort(new Error(`not done within ${limitMs / 60_000} minutes`)),
    limitMs,
  );
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(late);
    for (const name of signals) process.off(name, stop);
  }
};
