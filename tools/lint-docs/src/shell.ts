import { spawn } from 'node:child_process';

/** How a script ended, and all that it wrote. */
export interface ShellResult {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** Runs a script with bash, strictly; it and all it started end with the time limit or with this process. */
export const runShell = (
  script: string,
  { cwd, limitMs }: { cwd: string; limitMs: number },
): Promise<ShellResult> =>
  new Promise((resolve) => {
    const from = performance.now();
    let output = '';
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      output += `\nno end after ${limitMs / 1000} s`;
      kill();
    }, limitMs);
    process.once('exit', kill);
    const end = (ok: boolean): void => {
      clearTimeout(timer);
      process.off('exit', kill);
      resolve({ ok, output, seconds: (performance.now() - from) / 1000 });
    };
    child.once('error', (error) => {
      output += error.message;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
