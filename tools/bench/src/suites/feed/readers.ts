import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Latency, Order, Question, Report } from './readers-child.js';

const child = fileURLToPath(new URL('readers-child.js', import.meta.url));

/** Readers of server-sent events in a process of their own. */
export interface Readers {
  report(): Promise<Report>;
  /** Forgets the latencies so far. */
  begin(): void;
  latency(): Promise<Latency>;
  stop(): void;
}

export const startReaders = (order: Order): Readers => {
  const work = fork(child, [], { execArgv: [] });
  // By message and not as arguments: it holds a token.
  work.send(order);
  const ask = async <T>(question: Question): Promise<T> => {
    work.send(question);
    const [answer] = (await once(work, 'message')) as [T];
    return answer;
  };
  return {
    report: () => ask('report'),
    begin: () => void work.send('begin' satisfies Question),
    latency: () => ask('latency'),
    stop: () => work.kill(),
  };
};
