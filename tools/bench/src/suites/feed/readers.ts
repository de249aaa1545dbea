import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './readers-child.js';

const child = fileURLToPath(new URL('readers-child.js', import.meta.url));

/** Readers of server-sent events in a process of their own. */
export interface Readers {
  report(): Promise<Report>;
  stop(): void;
}

export const startReaders = (order: Order): Readers => {
  const work = fork(child, [], { execArgv: [] });
  // By message and not as arguments: it holds a token.
  work.send(order);
  return {
    report: async () => {
      work.send('report');
      const [report] = (await once(work, 'message')) as [Report];
      return report;
    },
    stop: () => work.kill(),
  };
};
