import { spawn } from 'node:child_process';

/** A command that was run: how it ended, and what it wrote. */
export interface Ran {
  readonly ok: boolean;
  readonly output: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Also write what it writes, as it comes. */
  readonly live?: boolean;
  /** Told after each piece of output, with the means to end the command. */
  readonly watch?: (kill: () => void) => void;
}

/** Runs a command to its end; never rejects. */
export const run = ([command, ...args]: readonly [string, ...string[]], options: RunOptions): Promise<Ran> =>
  new Promise((resolve) => {
    const from = performance.now();
    let output = '';
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      options.watch?.(() => child.kill('SIGKILL'));
      if (options.live) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const end = (ok: boolean): void => resolve({ ok, output, seconds: (performance.now() - from) / 1000 });
    child.once('error', (error) => {
      output += error.message;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
