import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where this machine has Chromium. */
export const browserProgram = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find(executable);

/** A browser without a window, with a profile of its own. */
export interface Browser {
  /** What it wrote to standard error. */
  logs(): string;
  close(): Promise<void>;
}

/** Opens a page. */
export const openBrowser = async (program: string, url: string): Promise<Browser> => {
  const profile = await mkdtemp(join(tmpdir(), 'soma-browser-'));
  const args = [
    '--headless',
    // Everything runs as root in containers, where the sandbox cannot start; the page is our own.
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    `--user-data-dir=${profile}`,
    url,
  ];
  // It must not outlive a test run that is killed.
  const [command = program, ...rest] =
    process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', program, ...args] : [program, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let written = '';
  child.stderr.on('data', (bytes: Buffer) => (written += bytes.toString()));
  return {
    logs: () => written,
    close: async () => {
      child.kill('SIGKILL');
      await closed;
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};
