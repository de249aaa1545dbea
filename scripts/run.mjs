// Entry of `npm start`, `npm test` and the other scripts: makes a fresh clone ready (dependencies, build),
// then hands over to Node 24. It runs on the machine's own Node, from version 20 on, and needs no package.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.installed');
const commands = {
  start: ['tools/soma/bin/soma.mjs', 'start'],
  test: ['tools/check/dist/main.js', 'tests'],
  check: ['tools/check/dist/main.js', 'static'],
  bench: ['tools/bench/dist/main.js'],
};

const say = (text) => process.stdout.write(`${text}\n`);

const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

const run = (what, command, args) => {
  const from = performance.now();
  say(`${what} …`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error || status !== 0) fail(`${what} failed: ${error?.message ?? `exit code ${status}`}`);
  say(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
};

/** What the installed packages were installed from. */
const lockfileHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

const install = () => {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileHash()) return;
  // Not `npm ci`: it insists on a lock entry for every platform's optional package, also where a registry does not
  // have them all. This installs what the lock says, too, and writes nothing back.
  run('Installing dependencies', 'npm', [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  writeFileSync(stamp, lockfileHash());
};

const node24 = () => {
  const own = join(bin, 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `there is no Node 24 package for ${process.platform} ${process.arch}: install Node 24 and run this again`,
  );
};

const [task, ...args] = process.argv.slice(2);
if (!(task in commands)) fail(`usage: node scripts/run.mjs ${Object.keys(commands).join('|')}`);
install();
const node = node24();
run('Building', node, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'tsconfig.build.json']);

const [entry, ...given] = commands[task];
const child = spawn(node, [join(root, entry), ...given, ...args], {
  cwd: process.cwd(),
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
});
// The child stops in order and this process with it. A terminal's Ctrl-C reaches both: the child counts it once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
const parent = process.ppid;
// Whoever started this may die without a signal to pass on.
const watch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000);
child.on('exit', (code, signal) => {
  clearInterval(watch);
  process.exit(code ?? (signal ? 1 : 0));
});
