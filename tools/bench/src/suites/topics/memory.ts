import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measurement } from '../../measurement.js';
import type { Bench } from './bench.js';
import { withJournalDatabase } from './journal.js';
import type { Order, Report } from './memory-child.js';

const child = fileURLToPath(new URL('memory-child.js', import.meta.url));
const limitMb = 400;
/** Mebibytes of heap, as a container of this size leaves: without a limit V8 lets garbage lie while there is memory. */
const heapMb = 192;
const heapLimit = [`--max-old-space-size=${heapMb}`, '--max-semi-space-size=4'];

/** Has a process of its own apply, plan and verify a catalogue of so many topics; what it made stays. */
export const measureMemory = (
  { connection, prefix, progress, signal }: Bench,
  topics: number,
): Promise<Measurement> =>
  withJournalDatabase(connection, async (journalUrl) => {
    const work = fork(child, [], { execArgv: heapLimit, env: { ...process.env } });
    const stop = () => work.kill();
    signal.addEventListener('abort', stop);
    try {
      // By message and not as arguments: the URL holds a password.
      work.send({ prefix, topics, journalUrl } satisfies Order);
      let report: Report | undefined;
      work.on('message', (message: { progress: string } | Report) => {
        if ('progress' in message) progress(`topics: ${message.progress}`);
        else report = message;
      });
      // The last message may come after the end of the process, and before that of its channel.
      await Promise.all([once(work, 'exit'), once(work, 'disconnect')]);
      signal.throwIfAborted();
      if (!report) throw new Error('the process that creates the topics failed');
      const mb = Math.round(report.peakBytes / 1e6);
      return {
        suite: 'topics',
        scenario: `${topics} topics (RF 1), ${report.changes} changes: create, plan and verify in ${heapMb} MB of heap`,
        metric: 'peak RSS of the process',
        value: mb,
        unit: 'MB',
        baseline: limitMb,
        ratio: Number((mb / limitMb).toFixed(3)),
        aim: `< ${limitMb} MB`,
        holds: mb < limitMb,
      };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  });
