import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A user to run as, when we are root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** How to start a server. Secrets belong in `env` or in files named by `args`, never in `args`. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly runAs?: RunAs;
  /** What the kernel sends the server when its owner dies. */
  readonly deathSignal: 'KILL' | 'INT';
}

/** The command line that ties a server to the life of its owner and drops rights, if `setpriv` is there; pure. */
export const guardedCommand = (launch: Launch, setpriv: string | undefined): [string, ...string[]] => {
  if (setpriv === undefined) return [launch.command, ...launch.args];
  const rights = launch.runAs
    ? [`--reuid=${launch.runAs.uid}`, `--regid=${launch.runAs.gid}`, '--clear-groups', '--no-new-privs']
    : [];
  return [setpriv, ...rights, '--pdeathsig', launch.deathSignal, '--', launch.command, ...launch.args];
};

const inherited = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'HOME', 'TMPDIR'];

/** What a server sees of our environment: never a SOMA_ variable, which may hold a secret. */
export const serverEnv = (
  own: NodeJS.ProcessEnv,
  added: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  ...Object.fromEntries(inherited.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]))),
  ...added,
});

/**
 * Starts a server in a process group of its own, so that Ctrl-C in a terminal reaches only its owner.
 * Call it on the main thread: a parent-death signal fires when the thread that spawned ends.
 */
export const launch = (what: Launch, log: string, setpriv: string | undefined): ChildProcess => {
  const [command, ...args] = guardedCommand(what, setpriv);
  const output = openSync(log, 'a', 0o640);
  try {
    return spawn(command, args, {
      cwd: what.cwd,
      env: serverEnv(process.env, what.env),
      stdio: ['ignore', output, output],
      detached: true,
    });
  } finally {
    closeSync(output);
  }
};
