import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  type Checked,
  type Counts,
  type News,
  type Order,
  type ReaderSpec,
  type Report,
  transportNames,
} from './readers/messages.js';

const entry = fileURLToPath(new URL('../../dist/campaign/readers-process.js', import.meta.url));

const none: Report = {
  open: { sse: 0, websocket: 0, rest: 0 },
  openAt: [],
  slowest: Infinity,
  rows: 0,
  reconnects: { sse: 0, websocket: 0, rest: 0 },
  gaps: 0,
  silent: 0,
};

const plus = (a: Counts, b: Counts): Counts => ({
  sse: a.sse + b.sse,
  websocket: a.websocket + b.websocket,
  rest: a.rest + b.rest,
});

const add = (a: Report, b: Report): Report => ({
  open: plus(a.open, b.open),
  openAt: b.openAt.map((count, index) => count + (a.openAt[index] ?? 0)),
  slowest: Math.min(a.slowest, b.slowest),
  rows: a.rows + b.rows,
  reconnects: plus(a.reconnects, b.reconnects),
  gaps: a.gaps + b.gaps,
  silent: a.silent + b.silent,
});

export const sum = (counts: Counts): number => transportNames.reduce((all, name) => all + counts[name], 0);

interface Worker {
  readonly process: ChildProcess;
  report: Report;
  checked?: Checked;
}

export interface CrowdOptions {
  readonly readers: readonly ReaderSpec[];
  /** Bearer tokens by squad. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Base URLs. */
  readonly replicas: readonly string[];
  readonly processes: number;
}

/** Subscribers in processes of their own, seen from the test. */
export class Crowd {
  readonly #workers: Worker[] = [];
  #broken: string | undefined;
  #stopping = false;

  constructor({ readers, tokens, replicas, processes }: CrowdOptions) {
    const share = Math.ceil(readers.length / processes);
    for (let at = 0; at < readers.length; at += share) {
      const child = fork(entry, { execArgv: [], env: {}, serialization: 'advanced' });
      const worker: Worker = { process: child, report: none };
      child.on('message', (news: News) => {
        if (news.kind === 'report') worker.report = news;
        else worker.checked = news;
      });
      child.on('exit', (code, signal) => {
        if (!this.#stopping) this.#broken = `a process of readers ended: ${signal ?? code}`;
      });
      this.#workers.push(worker);
      child.send({ kind: 'start', readers: readers.slice(at, at + share), tokens, replicas } satisfies Order);
    }
  }

  /** How all of them are doing, at most half a second ago. Throws if a process has ended by itself. */
  get report(): Report {
    if (this.#broken !== undefined) throw new Error(this.#broken);
    return this.#workers.map(({ report }) => report).reduce(add, none);
  }

  /** Base URLs of the replicas from now on. */
  moveTo(replicas: readonly string[]): void {
    this.#tell({ kind: 'replicas', replicas });
  }

  /** Cuts so many connections at random each second from now on. */
  dropAtRandom(perSecond: number): void {
    this.#tell({ kind: 'drops', perSecond: perSecond / this.#workers.length });
  }

  /** Compares what each reader was given with what is stored for its squad. Wait for {@link checked}. */
  check(log: Readonly<Record<string, readonly number[]>>): void {
    this.#tell({ kind: 'check', log });
  }

  /** What the checker says; undefined until all have been checked. */
  get checked(): Checked | undefined {
    const parts = this.#workers.flatMap(({ checked }) => checked ?? []);
    if (parts.length < this.#workers.length) return undefined;
    return {
      readers: parts.reduce((all, { readers }) => all + readers, 0),
      findings: parts.flatMap(({ findings }) => findings),
      findingsInAll: parts.reduce((all, { findingsInAll }) => all + findingsInAll, 0),
      delaysMs: parts.flatMap(({ delaysMs }) => delaysMs),
    };
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(
      this.#workers.map(async ({ process: child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }),
    );
  }

  #tell(order: Order): void {
    for (const { process: child } of this.#workers) child.send(order);
  }
}
