import { readFileSync } from 'node:fs';
import type { EnvVars } from './env-file.js';
import { PlatformError } from './errors.js';
import { logFile, type PlatformPaths } from './home.js';
import { locate } from './machine/software.js';
import { isKafkaNode, isServerName, type ServerName } from './names.js';
import { packageFile } from './package-files.js';
import { endLeftovers } from './process/leftovers.js';
import { askHealth, ServerProcess } from './process/server-process.js';
import { ensurePrincipals, writePrincipalFiles, type PrincipalRequest } from './principals.js';
import type { KafkaOperations, Site } from './servers/server.js';
import { embeddedServers, externalChecks, type ExternalServer } from './servers/servers.js';
import { platformEnv, prepareSite } from './site.js';
import { readState, writeState, type RecordedProcess } from './state.js';
import { timed, type OnProgress, type Progress, type ServerStatus } from './status.js';

const version = (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string })
  .version;

/** A start that goes on: what was reported so far, and who listens. */
interface Startup {
  readonly reported: Progress[];
  readonly listeners: Set<OnProgress>;
  readonly done: Promise<void>;
}

/** The platform whose servers are children of this very process. */
export class LocalPlatform {
  readonly #paths: PlatformPaths;
  readonly #env: NodeJS.ProcessEnv;
  readonly #kafka: KafkaOperations;
  #site: Site | undefined;
  #servers = new Map<ServerName, ServerProcess>();
  #external: ExternalServer[] = [];
  readonly #recorded: Partial<Record<ServerName, RecordedProcess>> = {};
  #startup: Startup | undefined;
  #principals: Promise<void> = Promise.resolve();
  #closing = false;

  constructor(paths: PlatformPaths, env: NodeJS.ProcessEnv, kafka: KafkaOperations) {
    this.#paths = paths;
    this.#env = env;
    this.#kafka = kafka;
  }

  /** The admin's connection variables. Throws `not-running` before the first start. */
  get env(): EnvVars {
    return platformEnv(this.#requireSite());
  }

  #requireSite(): Site {
    if (!this.#site)
      throw new PlatformError(
        'not-running',
        `The platform at ${this.#paths.home} has not started yet: run \`npx soma up\`.`,
      );
    return this.#site;
  }

  /** Starts whatever does not run and waits until all is healthy. A second caller joins a start that goes on. */
  up(onProgress: OnProgress = () => undefined): Promise<void> {
    if (this.#closing)
      return Promise.reject(
        new PlatformError('not-running', `The platform at ${this.#paths.home} is being stopped.`),
      );
    if (!this.#startup) {
      const listeners = new Set<OnProgress>();
      const reported: Progress[] = [];
      const report: OnProgress = (progress) => {
        reported.push(progress);
        for (const listener of listeners) listener(progress);
      };
      // Deferred by a tick, so that whoever started it hears the first step too.
      const done = Promise.resolve()
        .then(() => this.#start(report))
        .finally(() => (this.#startup = undefined));
      this.#startup = { listeners, reported, done };
    }
    this.#startup.reported.forEach(onProgress);
    this.#startup.listeners.add(onProgress);
    return this.#startup.done;
  }

  async #start(report: OnProgress): Promise<void> {
    this.#site ??= await this.#open(report);
    const healthyBy = new Map<ServerName, Promise<void>>();
    const startOne = async (process: ServerProcess): Promise<void> => {
      const { name, after } = process.server;
      await Promise.all(after.map((needed) => healthyBy.get(needed) ?? Promise.resolve()));
      if (process.state === 'running')
        return report({ step: name, state: 'skipped', ms: 0, detail: 'runs already' });
      await timed(name, report, () => process.start());
    };
    const byNeeds = [...this.#servers.values()].sort((a, b) => a.server.after.length - b.server.after.length);
    for (const process of byNeeds) healthyBy.set(process.server.name, startOne(process));
    const outcomes = await Promise.allSettled([
      ...healthyBy.values(),
      ...this.#external.map((server) => this.#requireExternal(server, report)),
    ]);
    const failures = new Set(
      outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : [])),
    );
    if (failures.size) throw joined([...failures]);
    writePrincipalFiles(this.#requireSite());
  }

  async #requireExternal({ name, at, check }: ExternalServer, report: OnProgress): Promise<void> {
    await timed(name, report, async () => {
      const health = await askHealth(check);
      if (health.healthy) return `external, at ${at}`;
      throw new PlatformError(
        'external-unreachable',
        `The external ${name} at ${at} is not usable: ${health.reason}. Check SOMA_${name.toUpperCase()}_… or unset it to use the embedded one.`,
      );
    });
  }

  /** Ends what a crash left, then lays out everything that servers are made from. */
  async #open(report: OnProgress): Promise<Site> {
    const left = readState(this.#paths.home);
    if (left && Object.keys(left.processes).length) {
      await timed('leftovers', report, async () => {
        const ended = await endLeftovers(left);
        return ended.length
          ? `the last owner died; ended ${ended.join(', ')}`
          : 'the last owner died; nothing was left running';
      });
    }
    const runningBrokers = (): number =>
      [...this.#servers].filter(
        ([name, { state }]) => isKafkaNode(name) && (state === 'running' || state === 'starting'),
      ).length;
    const site = await prepareSite(this.#paths, this.#env, this.#kafka, runningBrokers, report);
    const setpriv = process.platform === 'linux' ? locate(['setpriv']) : undefined;
    for (const server of embeddedServers(site)) {
      const record = (recorded: RecordedProcess | undefined): void =>
        this.#record(site, server.name, recorded);
      this.#servers.set(
        server.name,
        new ServerProcess(server, {
          log: logFile(this.#paths, server.name),
          ports: site.ports[server.name],
          setpriv,
          record,
        }),
      );
    }
    this.#external = externalChecks(site);
    this.#writeState(site);
    return site;
  }

  #record(site: Site, name: ServerName, recorded: RecordedProcess | undefined): void {
    if (recorded) this.#recorded[name] = recorded;
    else delete this.#recorded[name];
    this.#writeState(site);
  }

  #writeState(site: Site): void {
    writeState({
      version: 1,
      home: this.#paths.home,
      updatedAt: '',
      ports: site.ports,
      processes: this.#recorded,
      versions: { platform: version, kafka: '4.1.0', registry: '3.0.9' },
      external: this.#external.map(({ name }) => name),
      postgresData: site.postgresData,
    });
  }

  /** Every server as it is now; each is asked. */
  async status(): Promise<ServerStatus[]> {
    const own = [...this.#servers.values()].map((process) => process.status());
    const foreign = this.#external.map(async ({ name, at, check }): Promise<ServerStatus> => {
      const health = await askHealth(check);
      return {
        name,
        state: 'external',
        ports: {},
        healthy: health.healthy,
        detail: health.healthy ? at : `${at}: ${health.reason}`,
      };
    });
    return Promise.all([...foreign, ...own]);
  }

  /** One of our own servers. Throws `bad-request` for any other name. */
  server(name: string): ServerProcess {
    const process = isServerName(name) ? this.#servers.get(name) : undefined;
    if (process) return process;
    const known = [...this.#servers.keys()].join(', ');
    throw new PlatformError(
      'bad-request',
      `There is no server "${name}" of our own here. There are: ${known || 'none yet'}.`,
    );
  }

  /** Makes accounts of service principals; one call at a time. */
  ensurePrincipals(requests: readonly PrincipalRequest[]): Promise<void> {
    const next = this.#principals
      .catch(() => undefined)
      .then(() => ensurePrincipals(this.#requireSite(), requests));
    this.#principals = next;
    return next;
  }

  /** Stops every server for good, those that need others first; gives up a start that goes on. */
  async down(onProgress: OnProgress = () => undefined): Promise<void> {
    this.#closing = true;
    await this.#stopAll(onProgress);
    await this.#startup?.done.catch(() => undefined);
    await this.#stopAll(() => undefined);
  }

  async #stopAll(onProgress: OnProgress): Promise<void> {
    const stopping = new Map<ServerName, Promise<void>>();
    const processes = [...this.#servers.values()].sort(
      (a, b) => b.server.after.length - a.server.after.length,
    );
    for (const process of processes) {
      const first = processes.filter(
        ({ server }) =>
          server.after.includes(process.server.name) || process.server.stopsAfter?.().includes(server.name),
      );
      const before = first.map(({ server }) => stopping.get(server.name) ?? Promise.resolve());
      const stop = async (): Promise<void> => {
        await Promise.all(before);
        await timed(process.server.name, onProgress, () => process.stop());
      };
      stopping.set(process.server.name, stop());
    }
    await Promise.all(stopping.values());
  }
}

const joined = (failures: readonly Error[]): Error => {
  const [first] = failures;
  if (failures.length === 1 && first) return first;
  return new PlatformError('start-failed', failures.map(({ message }) => message).join('\n\n'), {
    cause: failures,
  });
};
