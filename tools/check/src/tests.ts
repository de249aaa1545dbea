import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ensureOperatorToken,
  ensurePrincipals,
  kafkaOperations,
  type LocalService,
  provision,
  publishServices,
  repositoryCatalogue,
  serviceNames,
  startService,
} from '@soma/cli';
import { type OwnedPlatform, reset, startPlatform } from '@soma/platform';
import { add, type Counts, jestCounts, type JestReport, none } from './counts.js';
import { run } from './run.js';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** Where this run's platform keeps its state: not that of `npm start`, which may be up beside it. */
const testHome = (root: string): string => join(root, '.soma-test');

const startTestPlatform = async (home: string): Promise<OwnedPlatform> => {
  // What an earlier run left is no part of this one.
  await reset(home);
  const from = performance.now();
  const platform = await startPlatform({
    home,
    kafka: kafkaOperations,
    onProgress: ({ step, state, ms, detail }) => {
      if (state === 'done' || state === 'failed')
        say(`  ${step} ${(ms / 1000).toFixed(1)} s ${detail ?? ''}`.trimEnd());
    },
  });
  const catalogue = await repositoryCatalogue();
  await ensurePrincipals(platform, catalogue);
  ensureOperatorToken(home);
  await provision(platform, catalogue);
  say(`platform ready in ${((performance.now() - from) / 1000).toFixed(1)} s`);
  return platform;
};

/** How long Jest may take to end after its report, in milliseconds. */
const exitGraceMs = 20_000;

interface JestRun {
  readonly name: string;
  readonly args: readonly string[];
}

const jest = async (
  root: string,
  home: string,
  { name, args }: JestRun,
  given: readonly string[],
): Promise<Counts> => {
  const report = join(home, `jest-${name}.json`);
  rmSync(report, { force: true });
  let hangs = false;
  let grace: NodeJS.Timeout | undefined;
  await run(
    [
      process.execPath,
      '--experimental-vm-modules',
      join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
      '--json',
      `--outputFile=${report}`,
      '--passWithNoTests',
      ...args,
      ...given,
    ],
    // Jest writes its progress to stderr and, with --json, the report to stdout as well: only the file is read.
    {
      cwd: root,
      env: { SOMA_HOME: home, NODE_NO_WARNINGS: '1' },
      live: true,
      watch: (kill) => {
        if (grace || !existsSync(report)) return;
        // All is reported, and something that a test left open keeps the process alive: that is a failure, too.
        grace = setTimeout(() => {
          hangs = true;
          kill();
        }, exitGraceMs);
      },
    },
  );
  clearTimeout(grace);
  if (hangs) say(`✖ ${name}: a test left something open; Jest did not end`);
  try {
    const counts = jestCounts(JSON.parse(readFileSync(report, 'utf8')) as JestReport);
    return hangs ? add(counts, { ...none, failed: 1 }) : counts;
  } catch {
    say(`✖ Jest wrote no report of ${name}`);
    return { ...none, failed: 1 };
  }
};

/** The commands of the documents, run against services that are up as after `npm start`. */
const documentedCommands = async (root: string, home: string): Promise<Counts> => {
  const services: LocalService[] = [];
  try {
    for (const name of serviceNames) services.push(await startService(home, name));
    await Promise.all(services.map((service) => service.ready()));
    await publishServices(home, services);
    const { ok } = await run([process.execPath, join(root, 'tools/lint-docs/dist/run-commands.js')], {
      cwd: root,
      env: { SOMA_HOME: home },
      live: true,
    });
    return ok ? { ...none, passed: 1 } : { ...none, failed: 1 };
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
};

/**
 * Every test of the project on one platform of real servers that is started for this run. Suites that stop or
 * kill servers run by themselves, after all others.
 */
export const tests = async (root: string, given: readonly string[]): Promise<Counts> => {
  const home = testHome(root);
  await mkdir(home, { recursive: true });
  const platform = await startTestPlatform(home);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= platform.down());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop().then(
        () => process.exit(1),
        () => process.exit(1),
      );
    });
  }
  try {
    let counts = await jest(
      root,
      home,
      { name: 'suites', args: ['--testPathIgnorePatterns', '\\.fault\\.spec\\.ts$'] },
      given,
    );
    counts = add(
      counts,
      await jest(
        root,
        home,
        { name: 'faults', args: ['--runInBand', '--testPathPatterns', '\\.fault\\.spec\\.ts$'] },
        given,
      ),
    );
    if (given.length === 0) counts = add(counts, await documentedCommands(root, home));
    return counts;
  } finally {
    await stop();
  }
};
