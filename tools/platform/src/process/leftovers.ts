import type { ServerName } from '../names.js';
import type { PlatformState, RecordedProcess } from '../state.js';
import { until } from '../wait.js';
import { isAlive, signal } from './identity.js';

/** Ends a process that its owner left behind, unless its pid belongs to another one by now. */
const end = async (name: ServerName, process: RecordedProcess): Promise<boolean> => {
  if (!isAlive(process)) return false;
  signal(process.pid, 'SIGCONT');
  // Postgres can end in order; the others are made for a crash.
  if (name === 'postgres' && signal(process.pid, 'SIGINT') && (await until(() => !isAlive(process), 15_000)))
    return true;
  signal(process.pid, 'SIGKILL');
  await until(() => !isAlive(process), 10_000, 20);
  return true;
};

/** Ends everything that the state file says ran and that still does. Answers the names. */
export const endLeftovers = async (state: PlatformState | undefined): Promise<ServerName[]> => {
  const recorded = Object.entries(state?.processes ?? {}) as [ServerName, RecordedProcess][];
  const ended = await Promise.all(
    recorded.map(async ([name, process]) => ((await end(name, process)) ? name : undefined)),
  );
  return ended.filter((name) => name !== undefined);
};
