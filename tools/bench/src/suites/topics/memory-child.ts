import { Applier, type Provisioner } from '@soma/topic-provisioner';
import { readConnection } from '../../connection.js';
import { interruptible } from './bench.js';
import { generatedCatalogue } from './catalogue.js';
import { withJournalAt } from './journal.js';
import { demand } from './mutations.js';
import { provisionerAt } from './site.js';

/** What the process is to do. */
export interface Order {
  readonly prefix: string;
  readonly topics: number;
  readonly journalUrl: string;
}

/** What it tells at its end. */
export interface Report {
  readonly changes: number;
  readonly peakBytes: number;
}

const tell = (message: Report | { progress: string }): void => {
  process.send?.(message);
};

const peak = (after: string): number => {
  // Kibibytes on every platform.
  const bytes = process.resourceUsage().maxRSS * 1024;
  tell({ progress: `peak RSS after ${after}: ${Math.round(bytes / 1e6)} MB` });
  return bytes;
};

/** Applies all of it; answers the number of changes, so that nothing else is kept. */
const apply = (provisioner: Provisioner, journalUrl: string, signal: AbortSignal): Promise<number> =>
  withJournalAt(journalUrl, async (journal) => {
    const onProgress = (done: number, of: number): void => {
      signal.throwIfAborted();
      tell({ progress: `${done} of ${of} changes applied` });
    };
    const { applied } = await new Applier(provisioner, journal).apply({
      request: {},
      by: 'bench',
      onProgress,
    });
    demand(applied.map(({ outcome }) => outcome));
    return applied.length;
  });

const run = async ({ prefix, topics, journalUrl }: Order, signal: AbortSignal): Promise<Report> => {
  const shape = { consumers: false };
  const provisioner = provisionerAt(readConnection(), prefix, generatedCatalogue(topics, shape));
  try {
    peak('the catalogue was made');
    const changes = await apply(provisioner, journalUrl, signal);
    peak('the apply');
    const planned = (await provisioner.plan()).changes.length;
    peak('the plan');
    const left = planned + (await provisioner.verify()).changes.length;
    if (left > 0) throw new Error('the catalogue was applied and something is left');
    return { changes, peakBytes: peak('the verification') };
  } finally {
    await provisioner.close();
  }
};

// Whoever started this removes what it makes: without them it must make no more.
const abandoned = (): never => process.exit(1);
process.on('disconnect', abandoned);
process.once('message', (order) => {
  void interruptible(async (signal) => tell(await run(order as Order, signal)))
    .catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    })
    .finally(() => {
      process.off('disconnect', abandoned);
      process.disconnect();
    });
});
