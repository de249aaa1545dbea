import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const isLinux = process.platform === 'linux';

const procFile = (pid: number, name: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
};

const ps = (pid: number, column: string): string | undefined => {
  try {
    return (
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim() || undefined
    );
  } catch {
    return undefined;
  }
};

const bootId = (): string =>
  existsSync('/proc/sys/kernel/random/boot_id')
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    : '';

/**
 * What tells this process from a later one with the same pid: when it started, and in which boot.
 * Undefined if there is no such process, or only its zombie.
 */
export const processIdentity = (pid: number): string | undefined => {
  if (!isLinux) return ps(pid, 'lstart');
  const stat = procFile(pid, 'stat');
  if (stat === undefined) return undefined;
  // The command name may hold spaces and brackets: count the fields from behind its closing one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
};

/** Whether the recorded process is still the one that runs under its pid. */
export const isAlive = (recorded: { readonly pid: number; readonly identity: string }): boolean =>
  processIdentity(recorded.pid) === recorded.identity;

/** The command line of a process, or undefined if it is gone. */
export const commandLine = (pid: number): string | undefined =>
  isLinux ? procFile(pid, 'cmdline')?.replaceAll('\0', ' ').trim() : ps(pid, 'command');

/** Resident memory in bytes, or undefined if the process is gone. */
export const residentBytes = (pid: number): number | undefined => {
  const kib = isLinux ? /^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, 'status') ?? '')?.[1] : ps(pid, 'rss');
  return kib === undefined ? undefined : Number(kib) * 1024;
};

/** Sends a signal; false if the process is gone already. */
export const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};
