import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlatformError } from '../errors.js';
import { lastWords, run } from '../process/run.js';
import { locate, type Program } from './software.js';

type Installer = 'apt-get' | 'dnf' | 'brew';

/** For each installer the packages that bring a program, best first. */
const packages: Record<Program, Record<Installer, readonly [string, ...string[]]>> = {
  java: {
    'apt-get': ['openjdk-17-jre-headless', 'openjdk-21-jre-headless', 'default-jre-headless'],
    dnf: ['java-17-openjdk-headless', 'java-21-openjdk-headless'],
    brew: ['openjdk@17'],
  },
  mvn: { 'apt-get': ['maven'], dnf: ['maven'], brew: ['maven'] },
  'redis-server': { 'apt-get': ['redis-server'], dnf: ['redis', 'valkey'], brew: ['redis'] },
  'redis-cli': { 'apt-get': ['redis-tools'], dnf: ['redis', 'valkey'], brew: ['redis'] },
  postgres: {
    'apt-get': ['postgresql-15', 'postgresql'],
    dnf: ['postgresql-server'],
    brew: ['postgresql@15'],
  },
  psql: {
    'apt-get': ['postgresql-client-15', 'postgresql-client'],
    dnf: ['postgresql'],
    brew: ['postgresql@15'],
  },
  prometheus: { 'apt-get': ['prometheus'], dnf: ['golang-github-prometheus'], brew: ['prometheus'] },
  alertmanager: {
    'apt-get': ['prometheus-alertmanager'],
    dnf: ['golang-github-prometheus-alertmanager'],
    brew: ['alertmanager'],
  },
};

/** Services that these Debian packages would start on a machine with systemd. */
const debianUnits = [
  'redis-server.service',
  'postgresql.service',
  'prometheus.service',
  'prometheus-alertmanager.service',
];
const clusterDropIn = '/etc/postgresql-common/createcluster.d/soma-platform.conf';

/** The command line that installs packages; one line, to run or to show; pure. */
export const installCommand = (installer: Installer, names: readonly string[], sudo: boolean): string[] => {
  const prefix = sudo && installer !== 'brew' ? ['sudo'] : [];
  switch (installer) {
    case 'apt-get':
      // RUNLEVEL=1: packages must not start their own servers. The lock may be held by another installation for a while.
      return [
        ...prefix,
        'env',
        'RUNLEVEL=1',
        'DEBIAN_FRONTEND=noninteractive',
        'apt-get',
        '-o',
        'DPkg::Lock::Timeout=300',
        'install',
        '-y',
        '--no-install-recommends',
        ...names,
      ];
    case 'dnf':
      return [...prefix, 'dnf', 'install', '-y', ...names];
    case 'brew':
      return ['brew', 'install', ...names];
  }
};

const findInstaller = (): Installer | undefined =>
  (['apt-get', 'dnf', 'brew'] as const).find((name) => locate([name]));

/** Which of these packages the system offers. */
const offered = async (installer: Installer, names: readonly string[]): Promise<Set<string>> => {
  if (installer === 'brew') return new Set(names);
  if (installer === 'apt-get') {
    const { stdout } = await run('apt-cache', ['policy', ...names]);
    return new Set(
      [...stdout.matchAll(/^(\S+):\n.*\n +Candidate: (?!\(none\))/gm)].flatMap(([, name]) => name ?? []),
    );
  }
  const known = await Promise.all(
    names.map(async (name) => ((await run('dnf', ['-q', 'info', name])).code === 0 ? [name] : [])),
  );
  return new Set(known.flat());
};

/** For each program the best package that this system offers. */
const choosePackages = async (installer: Installer, missing: readonly Program[]): Promise<string[]> => {
  const alternatives = missing.map((program) => packages[program][installer]);
  const known = await offered(installer, alternatives.flat());
  return [...new Set(alternatives.map((names) => names.find((name) => known.has(name)) ?? names[0]))];
};

/** Keeps Debian's packages from starting services or making a cluster while `install` runs, and leaves no trace of that. */
const quietly = async <T>(installer: Installer, install: () => Promise<T>): Promise<T> => {
  if (installer !== 'apt-get' || process.getuid?.() !== 0) return install();
  const hasSystemd = existsSync('/run/systemd/system');
  if (hasSystemd) await run('systemctl', ['mask', '--runtime', ...debianUnits]);
  const ownDropIn = !existsSync(clusterDropIn);
  if (ownDropIn) {
    mkdirSync(dirname(clusterDropIn), { recursive: true });
    writeFileSync(clusterDropIn, 'create_main_cluster = false\n');
  }
  try {
    return await install();
  } finally {
    if (ownDropIn) rmSync(clusterDropIn, { force: true });
    if (hasSystemd) await run('systemctl', ['unmask', '--runtime', ...debianUnits]);
  }
};

/**
 * Installs what is missing when this user may, with the system's own installer.
 * Throws `missing-software` with the one line to run when it may not, or when the installer failed.
 */
export const installMissing = async (
  missing: readonly Program[],
  onLine: (line: string) => void,
): Promise<void> => {
  const installer = findInstaller();
  if (!installer) {
    throw new PlatformError(
      'missing-software',
      `Missing: ${missing.join(', ')}. This machine has neither apt-get, dnf nor brew: install Java 17+, Maven, Redis 7, PostgreSQL 15+, Prometheus and Alertmanager, and put them on PATH.`,
    );
  }
  const isRoot = process.getuid?.() === 0;
  const sudo = installer !== 'brew' && !isRoot;
  const mayInstall = !sudo || (await run('sudo', ['-n', 'true'])).code === 0;
  if (mayInstall && installer === 'apt-get')
    await run(
      sudo ? 'sudo' : 'apt-get',
      [...(sudo ? ['-n', 'apt-get'] : []), '-o', 'DPkg::Lock::Timeout=300', 'update'],
      { onLine },
    );
  const names = await choosePackages(installer, missing);
  const line = installCommand(installer, names, sudo);
  if (!mayInstall) {
    throw new PlatformError(
      'missing-software',
      `Missing on this machine: ${missing.join(', ')}. Run this, then try again:\n  ${line.join(' ')}`,
    );
  }
  const [command = '', ...args] = line;
  const result = await quietly(installer, () => run(command, args, { onLine }));
  if (result.code !== 0) {
    throw new PlatformError(
      'missing-software',
      `Could not install ${names.join(', ')}. Run this yourself to see why:\n  ${line.join(' ')}\nIt ended with:\n${lastWords(result)}`,
    );
  }
};
