import { readdirSync, readlinkSync } from 'node:fs';

const workingFolder = (pid: string): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
};

/** Pids of the processes that work in this folder. Empty where the system has no /proc. */
export const processesIn = (folder: string): number[] => {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && workingFolder(name) === folder)
      .map(Number);
  } catch {
    return [];
  }
};
