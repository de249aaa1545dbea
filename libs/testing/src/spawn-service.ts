import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { waitFor } from './wait-for.js';

const startTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;

/** Ends the child when this process dies, however it dies: the channel between them breaks. */
const dieWithParent =
  'data:text/javascript,process.on("disconnect",()=>process.exit(1));process.channel?.unref()';

/** How a process ended: its exit code, or the signal that killed it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A service that runs as a process of its own. */
export interface SpawnedService {
  readonly url: string;
  readonly pid: number;
  /** Everything it has written so far. */
  logs(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL after 30 seconds; resolves when the process has ended. */
  stop(): Promise<Exit>;
}

/** A process that ended before it listened, with what it had written. */
export class ServiceDidNotStart extends Error {
  readonly code = 'SERVICE_DID_NOT_START';

  constructor(
    entryFile: string,
    readonly exit: Exit | undefined,
    readonly logs: string,
  ) {
    const how = exit ? `ended with ${exit.signal ?? `exit code ${exit.code}`}` : 'did not listen in time';
    super(`${entryFile} ${how}; it wrote:\n${logs}`);
    this.name = 'ServiceDidNotStart';
  }
}

/**
 * Starts a built service with this process' Node and waits for its log line `listening`. It gets the variables of `env`
 * and, of this process, PATH, HOME and TMPDIR: nothing that a test run happens to have set. Without SOMA_HTTP_PORT it
 * takes a free port. It never outlives this process.
 *
 * @throws ServiceDidNotStart if it ends, or does not listen within 30 seconds.
 */
export async function spawnService(
  entryFile: string,
  env: Readonly<Record<string, string | undefined>> = {},
  args: readonly string[] = [],
): Promise<SpawnedService> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--import', dieWithParent, entryFile, ...args], {
    env: { PATH, HOME, TMPDIR, SOMA_HTTP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  let url: string | undefined;
  collect(child, (line) => {
    lines.push(line);
    url ??= listeningUrl(line);
  });
  const logs = (): string => lines.join('\n');
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    // 'close' and not 'exit': by then the last lines have been read.
    child.once('close', (code, signal) => {
      resolve((exit = { code, signal }));
    });
    child.once('error', (error) => lines.push(String(error)));
  });
  await waitFor(() => url ?? exit, { timeoutMs: startTimeoutMs }).catch(() => undefined);
  if (url === undefined || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new ServiceDidNotStart(entryFile, exit, logs());
  }
  const kill = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  return { url, pid: child.pid, logs, kill, exited, stop: () => stop(child, exited) };
}

function collect(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', take);
  }
}

function listeningUrl(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry = JSON.parse(line) as { msg?: unknown; url?: unknown };
    return entry.msg === 'listening' && typeof entry.url === 'string' ? entry.url : undefined;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, exited: Promise<Exit>): Promise<Exit> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  try {
    return await exited;
  } finally {
    clearTimeout(timer);
  }
}
