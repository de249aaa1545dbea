import { accessSync, constants, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../process/run.js';

/** Programs of the machine that the platform runs. */
export type Program =
  'java' | 'mvn' | 'redis-server' | 'redis-cli' | 'postgres' | 'psql' | 'prometheus' | 'alertmanager';

/** Where each program was found. */
export type Software = Partial<Record<Program, string>>;

const brewFolders = ['/opt/homebrew', '/usr/local'];
const oldestJava = 17;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const subfolders = (folder: string): string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
};

const pathFolders = (): string[] => [
  ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  '/usr/local/bin',
  '/usr/bin',
  '/usr/sbin',
  '/opt/homebrew/bin',
];

/** The first executable of one of these names in these folders. */
export const locate = (
  names: readonly string[],
  folders: readonly string[] = pathFolders(),
): string | undefined =>
  names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);

/** The major version in what `java -version` or a JDK's `release` file says; pure. */
export const javaMajor = (text: string): number | undefined => {
  const version = /version[^"\n]*"(?:1\.)?(\d+)/i.exec(text)?.[1];
  return version === undefined ? undefined : Number(version);
};

/** What tells this Java from another: its `release` file, else what it says itself. */
export const javaRelease = async (java: string): Promise<string> => {
  try {
    return readFileSync(join(dirname(dirname(realpathSync(java))), 'release'), 'utf8');
  } catch {
    return (await run(java, ['-version'])).stderr;
  }
};

const findJava = async (): Promise<string | undefined> => {
  const folders = [
    ...(process.env['JAVA_HOME'] ? [join(process.env['JAVA_HOME'], 'bin')] : []),
    ...pathFolders(),
    ...brewFolders.flatMap((brew) => [join(brew, 'opt/openjdk@17/bin'), join(brew, 'opt/openjdk/bin')]),
    ...subfolders('/usr/lib/jvm').map((folder) => join(folder, 'bin')),
  ];
  const candidates = new Set(folders.map((folder) => join(folder, 'java')).filter(isExecutable));
  for (const java of candidates) {
    if ((javaMajor(await javaRelease(java)) ?? 0) >= oldestJava) return java;
  }
  return undefined;
};

/** PostgreSQL's own programs, of `major` if it is there, else of the newest version from 15 on. */
const postgresFolders = (major: number): string[] => {
  const debian = subfolders('/usr/lib/postgresql').map((folder): [number, string] => [
    Number(folder.split('/').at(-1)),
    join(folder, 'bin'),
  ]);
  const redHat = [15, 16, 17, 18].map((version): [number, string] => [version, `/usr/pgsql-${version}/bin`]);
  const brew = brewFolders.flatMap((folder) =>
    [15, 16, 17, 18].map((version): [number, string] => [
      version,
      join(folder, `opt/postgresql@${version}/bin`),
    ]),
  );
  const rank = ([version]: [number, string]): number => (version === major ? 1000 : version);
  return [...debian, ...redHat, ...brew]
    .filter(([version]) => version >= 15)
    .sort((a, b) => rank(b) - rank(a))
    .map(([, folder]) => folder);
};

/** Finds every program that is on this machine. `postgresMajor` is the version that an existing data folder needs. */
export const findSoftware = async (postgresMajor = 15): Promise<Software> => {
  const postgres = [...postgresFolders(postgresMajor), ...pathFolders()];
  const found: Record<Program, string | undefined> = {
    java: await findJava(),
    mvn: locate(['mvn']),
    'redis-server': locate(['redis-server']),
    'redis-cli': locate(['redis-cli']),
    postgres: locate(['postgres'], postgres),
    psql: locate(['psql'], postgres),
    prometheus: locate(['prometheus']),
    alertmanager: locate(['prometheus-alertmanager', 'alertmanager']),
  };
  return Object.fromEntries(Object.entries(found).filter(([, path]) => path !== undefined));
};
