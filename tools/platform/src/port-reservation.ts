import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claim, readOwner } from './process/owner.js';

const folder = join(tmpdir(), 'soma-ports');
const sharedByAllUsers = 0o1777;

const openFolder = (): void => {
  mkdirSync(folder, { recursive: true });
  try {
    chmodSync(folder, sharedByAllUsers);
  } catch {
    // Another user made it, and opened it to us.
  }
};

/**
 * Keeps a port for this process: false if another live process has it. Between choosing a port and listening on it a
 * broker takes seconds, in which a second platform that starts would choose the same one. Ends with the process.
 */
export const reservePort = (port: number): boolean => {
  openFolder();
  const path = join(folder, `${port}`);
  if (readOwner(path)?.pid === process.pid) return true;
  try {
    claim(path, 'process');
    return true;
  } catch {
    return false;
  }
};
