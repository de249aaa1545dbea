import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { connectPlatform, type Platform } from './control/client.js';
import { PlatformError } from './errors.js';
import { logFile, platformPaths } from './home.js';
import { serverNames } from './names.js';
import { isAlive, signal } from './process/identity.js';
import { endLeftovers } from './process/leftovers.js';
import { readLog, rotateLog, tailLog } from './process/logs.js';
import { readOwner } from './process/owner.js';
import { claimHome } from './site.js';
import { readState, writeState } from './state.js';
import type { OnProgress, ServerStatus } from './status.js';
import { poll, until } from './wait.js';

/** How to bring a platform up that outlives this process. */
export interface UpOptions {
  readonly home: string;
  /** The command that runs {@link supervise} in a process of its own. */
  readonly supervisor: readonly [command: string, ...args: string[]];
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: OnProgress;
}

/** Starts whatever does not run, in a supervisor process of its own, and waits until all is healthy. */
export const up = async (options: UpOptions): Promise<Platform> => {
  const running = (await connectPlatform(options.home)) ?? (await spawnSupervisor(options));
  await running.up(options.onProgress);
  return running;
};

const spawnSupervisor = async ({ home, supervisor, env }: UpOptions): Promise<Platform> => {
  const paths = platformPaths(home);
  claimHome(paths);
  const log = logFile(paths, 'supervisor');
  rotateLog(log);
  const output = openSync(log, 'a', 0o640);
  const [command, ...args] = supervisor;
  const child = spawn(command, args, {
    env: { ...(env ?? process.env), SOMA_HOME: paths.home },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, by) => (ended = by ?? `code ${code}`));
  child.unref();
  const platform = await poll(
    async () => (await connectPlatform(home)) ?? (ended === undefined ? undefined : false),
    30_000,
    50,
  );
  if (platform) return platform;
  const lines = tailLog(log, 12).map((line) => `  ${line}`);
  throw new PlatformError(
    'start-failed',
    [
      `The supervisor ${ended === undefined ? 'did not answer within 30 s' : `ended (${ended})`}. The end of ${log}:`,
      ...lines,
    ].join('\n'),
  );
};

/** Stops the platform at `home`, whoever owns it, and what a crash left. Answers whether anything ran. */
export const down = async (home: string, onProgress: OnProgress = () => undefined): Promise<boolean> => {
  const paths = platformPaths(home);
  const owner = readOwner(paths.owner);
  const platform = await connectPlatform(home);
  if (platform) await platform.down(onProgress);
  else if (owner?.kind === 'supervisor') signal(owner.pid, 'SIGTERM');
  if (owner?.kind === 'supervisor' && !(await until(() => !isAlive(owner), 30_000, 20))) {
    signal(owner.pid, 'SIGKILL');
    await until(() => !isAlive(owner), 5000, 20);
  }
  if (!platform && owner?.kind === 'process') {
    throw new PlatformError(
      'stop-failed',
      `Process ${owner.pid} owns the platform at ${home} but does not answer on ${paths.controlSocket}: stop that process.`,
    );
  }
  const state = readState(home);
  const left = await endLeftovers(state);
  if (state && Object.keys(state.processes).length) writeState({ ...state, processes: {} });
  if (!platform) for (const path of [paths.owner, paths.controlSocket]) rmSync(path, { force: true });
  return platform !== undefined || owner !== undefined || left.length > 0;
};

/** Every server at `home` as it is now; all stopped if nobody owns the platform. */
export const status = async (home: string): Promise<ServerStatus[]> => {
  const platform = await connectPlatform(home);
  if (platform) return platform.status();
  const state = readState(home);
  const paths = platformPaths(home);
  return serverNames.map((name) => ({
    name,
    state: 'stopped',
    ports: state?.ports[name] ?? {},
    healthy: false,
    log: logFile(paths, name),
  }));
};

/** Lines of the log of a server, or of the `supervisor`. Throws `bad-request` for an unknown name. */
export const logs = (
  home: string,
  name: string,
  options: Parameters<typeof readLog>[1] = {},
): AsyncGenerator<string> => {
  const known: readonly string[] = [...serverNames, 'supervisor'];
  if (!known.includes(name))
    throw new PlatformError('bad-request', `There is no log of "${name}". There are: ${known.join(', ')}.`);
  return readLog(logFile(platformPaths(home), name), options);
};

/** Stops the platform and removes everything it kept: data, passwords, logs, ports. Downloads stay. */
export const reset = async (home: string, onProgress?: OnProgress): Promise<void> => {
  await down(home, onProgress);
  const paths = platformPaths(home);
  const data = readState(home)?.postgresData;
  if (data !== undefined && dirname(data) === paths.postgresElsewhere)
    rmSync(paths.postgresElsewhere, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
};
