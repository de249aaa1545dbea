import { setTimeout as sleep } from 'node:timers/promises';
import { type PostgresConfig, takeLock } from '@soma/postgres';
import type { Logger } from '@soma/telemetry';

/** Before a candidate that could not even wait tries again. */
const tryAgainMs = 1_000;

export interface Candidacy {
  readonly postgres: PostgresConfig;
  readonly applicationName: string;
  /** Ends everything: the wait, and the leadership. */
  readonly stop: AbortSignal;
  readonly logger: Logger;
  /** Told when leadership begins and ends. */
  readonly onLeading: (leads: boolean) => void;
}

/**
 * Runs work while this process is the only one, among all that use the same database, that leads under this name: waits
 * for its turn, works until the signal that work gets is aborted (work ends no earlier), and stands for the next turn.
 * Resolves when `stop` aborted and the lock is given back.
 */
export const lead = async (
  nameOf: () => Promise<string>,
  work: (leading: AbortSignal) => Promise<void>,
  { postgres, applicationName, stop, logger, onLeading }: Candidacy,
): Promise<void> => {
  const whileLeading = async (leading: AbortSignal): Promise<void> => {
    // At once, and not when work has noticed: another one may lead already.
    const ends = (): void => {
      logger.info('this replica leads no more');
      onLeading(false);
    };
    logger.info('this replica leads');
    onLeading(true);
    leading.addEventListener('abort', ends, { once: true });
    if (leading.aborted) return ends();
    await work(leading);
  };
  while (!stop.aborted) {
    try {
      const lock = await takeLock(postgres, await nameOf(), { wait: stop, applicationName });
      if (lock) {
        try {
          await whileLeading(AbortSignal.any([lock.lost, stop]));
        } finally {
          await lock.release();
        }
      }
    } catch (error) {
      if (!stop.aborted) logger.warn({ err: error }, 'not the leader: it is tried again');
    }
    await sleep(tryAgainMs, undefined, { signal: stop }).catch(() => undefined);
  }
};
