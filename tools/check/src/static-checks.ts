import { add, type Counts, none } from './counts.js';
import { run } from './run.js';

/** Checks that need no server, by name; each is one command. */
const checks: Readonly<Record<string, readonly [string, ...string[]]>> = {
  types: ['tsc', '-p', 'tsconfig.json'],
  // Without it the boundary rule of the lint skips itself, and says so only in a warning.
  'graph of packages': ['nx', 'show', 'projects'],
  'lint and boundaries': ['eslint', '.', '--max-warnings', '0'],
  format: ['prettier', '--check', '.', '--log-level', 'warn'],
  'unused code and dependencies': ['knip'],
  'documents begin with the promise, links hold': ['node', 'tools/lint-docs/dist/main.js'],
  'generated files are current': ['node', 'tools/codegen/dist/main.js', '--check'],
  'schemas are right': ['node', 'tools/soma/bin/soma.mjs', 'schemas', 'check'],
  'no secrets': ['node', 'tools/lint-docs/dist/secrets.js'],
  'commit messages': ['commitlint', '--last'],
};

/** Runs every static check, one after the other, and prints each as it ends. */
export const staticChecks = async (root: string): Promise<Counts> => {
  let counts = none;
  for (const [name, command] of Object.entries(checks)) {
    const { ok, output, seconds } = await run(command, { cwd: root, env: { NX_DAEMON: 'false' } });
    process.stdout.write(`${ok ? '✔' : '✖'} ${name} (${seconds.toFixed(1)} s)\n`);
    if (!ok) process.stdout.write(`${output.trimEnd()}\n`);
    counts = add(counts, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
  }
  return counts;
};
