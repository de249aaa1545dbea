import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { PlatformError, reasonOf } from '../errors.js';
import type { Health, Server } from '../servers/server.js';
import { unhealthy } from '../servers/server.js';
import type { ServerStatus } from '../status.js';
import { poll, until } from '../wait.js';
import { processIdentity, residentBytes, signal } from './identity.js';
import { launch } from './launch.js';
import { rotateLog, tailLog } from './logs.js';
import type { RecordedProcess } from '../state.js';

const startWithin = 120_000;
const answerWithin = 5000;

/** Asks a server's health; never rejects and never waits longer than five seconds. */
export const askHealth = async (check: () => Promise<Health>): Promise<Health> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    timer = setTimeout(() => resolve(unhealthy(`no answer within ${answerWithin / 1000} s`)), answerWithin);
  });
  try {
    return await Promise.race([check(), late]);
  } catch (error) {
    return unhealthy(reasonOf(error));
  } finally {
    clearTimeout(timer);
  }
};

/** `exited` is an end that nobody asked for here. */
export type ProcessState = 'running' | 'starting' | 'stopping' | 'stopped' | 'exited' | 'paused';

/** What a server process needs from its platform. */
export interface ProcessSite {
  readonly log: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly setpriv: string | undefined;
  /** Hears of the process as soon as it runs, and of its end. */
  readonly record: (process: RecordedProcess | undefined) => void;
}

/** The life of one server as our child process. */
export class ServerProcess {
  #state: ProcessState = 'stopped';
  #child: ChildProcess | undefined;
  #exit: string | undefined;
  #since = 0;
  #stopping = false;
  readonly server: Server;
  readonly #site: ProcessSite;

  constructor(server: Server, site: ProcessSite) {
    this.server = server;
    this.#site = site;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** Starts the server and waits until it is healthy. Nothing happens if it runs. Throws `start-failed` with the end of the log. */
  async start(): Promise<void> {
    if (this.#state === 'paused') this.continue();
    if (this.#state === 'starting' || this.#state === 'running') return;
    this.#state = 'starting';
    try {
      await this.server.prepare();
      if (this.#stopWasAsked())
        throw new PlatformError('start-failed', `${this.server.name} was stopped while it started.`);
      this.#spawn();
      await this.#untilHealthy();
      await this.server.settle?.();
      // It may have ended, or been paused, while the last answer was on its way.
      if (this.#child !== undefined) this.#state = 'running';
    } catch (error) {
      await this.kill();
      this.#state = 'stopped';
      throw error;
    }
  }

  /** Read through a method: the compiler does not see that the state may change during an await. */
  #stopWasAsked(): boolean {
    return this.#state !== 'starting';
  }

  #spawn(): void {
    rotateLog(this.#site.log);
    const what = this.server.launch();
    const child = launch(what, this.#site.log, this.#site.setpriv);
    this.#child = child;
    this.#since = Date.now();
    this.#exit = undefined;
    this.#stopping = false;
    child.once('error', (error) => this.#ended(reasonOf(error)));
    child.once('exit', (code, by) => this.#ended(by ?? `code ${code}`));
    const { pid } = child;
    if (pid !== undefined)
      this.#site.record({
        pid,
        identity: processIdentity(pid) ?? '',
        command: [what.command, ...what.args].join(' ').slice(0, 300),
      });
  }

  #ended(how: string): void {
    this.#child = undefined;
    this.#exit = how;
    this.#state = this.#stopping ? 'stopped' : 'exited';
    this.#site.record(undefined);
    this.server.ended?.(this.#stopping && how !== 'SIGKILL');
  }

  async #untilHealthy(): Promise<void> {
    let reason = 'it was not asked yet';
    const outcome = await poll(async () => {
      if (this.#child === undefined) return 'ended' as const;
      const health = await askHealth(this.server.check);
      if (health.healthy) return 'healthy' as const;
      reason = health.reason;
      return undefined;
    }, startWithin);
    if (outcome === 'healthy') return;
    const what =
      outcome === 'ended'
        ? `ended while it started (${this.#exit})`
        : `was not healthy within ${startWithin / 1000} s: ${reason}`;
    const lines = tailLog(this.#site.log, 12).map((line) => `  ${line}`);
    throw new PlatformError(
      'start-failed',
      [`${this.server.name} ${what}. The end of ${this.#site.log}:`, ...lines].join('\n'),
    );
  }

  /** Asks the server to end and waits for it; SIGKILL if it takes too long. */
  async stop(): Promise<void> {
    await this.#end(this.server.stopSignal);
  }

  /** SIGKILL, as a power cut would; the server counts as exited. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async #end(by: 'SIGTERM' | 'SIGINT'): Promise<void> {
    const child = this.#child;
    if (child === undefined) {
      this.#state = 'stopped';
      return;
    }
    if (this.#state === 'paused') this.continue();
    this.#stopping = true;
    this.#state = 'stopping';
    child.kill(by);
    const from = performance.now();
    const isOver = (): boolean =>
      this.#child !== child ||
      (this.server.settledOnDisk?.() ?? false) ||
      performance.now() - from > this.server.stopWithin;
    await until(isOver, Infinity, 20);
    if (this.#child === child) await this.kill();
  }

  /** SIGSTOP: the process keeps its ports and connections and does nothing. */
  pause(): void {
    if (this.#child?.pid === undefined)
      throw new PlatformError('not-running', `${this.server.name} is not running, so it cannot be paused.`);
    signal(this.#child.pid, 'SIGSTOP');
    this.#state = 'paused';
  }

  /** SIGCONT after a pause. */
  continue(): void {
    if (this.#child?.pid === undefined)
      throw new PlatformError('not-running', `${this.server.name} is not running, so it cannot go on.`);
    signal(this.#child.pid, 'SIGCONT');
    this.#state = 'running';
  }

  /** The server as it is now; asks it. */
  async status(): Promise<ServerStatus> {
    const base = { name: this.server.name, state: this.#state, ports: this.#site.ports, log: this.#site.log };
    const pid = this.#child?.pid;
    if (pid === undefined) {
      const exit = this.#state === 'exited' ? this.#exit : undefined;
      return { ...base, healthy: false, ...(exit !== undefined && { exit }) };
    }
    const rssBytes = residentBytes(pid);
    const health = this.#state === 'paused' ? unhealthy('it is paused') : await askHealth(this.server.check);
    return {
      ...base,
      pid,
      uptimeMs: Date.now() - this.#since,
      healthy: health.healthy,
      ...(!health.healthy && { detail: health.reason }),
      ...(rssBytes !== undefined && { rssBytes }),
    };
  }
}
