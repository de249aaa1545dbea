import { locate } from '../machine/software.js';
import { launch, type Launch } from './launch.js';

/** A process that lives as long as this one, at most. */
export interface LaunchedProcess {
  readonly pid: number | undefined;
  /** How it ended: an exit code or a signal; undefined while it runs. */
  exit(): string | undefined;
  /** SIGTERM, and SIGKILL after `timeoutMs`; resolves when the process has ended. */
  stop(timeoutMs: number): Promise<void>;
}

/** Starts a process that ends with this one, however this one ends; what it writes goes to `log`. */
export const launchProcess = (what: Launch, log: string): LaunchedProcess => {
  const child = launch(what, log, process.platform === 'linux' ? locate(['setpriv']) : undefined);
  let ended: string | undefined;
  const exited = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      ended ??= how;
      resolve();
    };
    child.once('error', ({ message }) => end(message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    pid: child.pid,
    exit: () => ended,
    stop: async (timeoutMs) => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
};
