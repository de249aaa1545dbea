import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from './errors.js';
import { connectionEnv, externalServers, withoutOwn, type Connections, type External } from './external.js';
import { parseEnv, renderEnv } from './env-file.js';
import { readIfPresent, replaceFile } from './files.js';
import { platformCache, type PlatformPaths } from './home.js';
import { classArchive } from './machine/class-archive.js';
import {
  cacheFault,
  ensureArtifact,
  kafkaArtifact,
  kafkaJars,
  registryArtifact,
  registryJar,
} from './machine/downloads.js';
import { installMissing } from './machine/packages.js';
import { findSoftware, locate, type Program, type Software } from './machine/software.js';
import { kafkaNodes, portOf, type Ports } from './names.js';
import { reservePort } from './port-reservation.js';
import { choosePorts, defaultPorts, isPortFree } from './ports.js';
import type { RunAs } from './process/launch.js';
import { guardedCommand } from './process/launch.js';
import { run } from './process/run.js';
import { loadSecrets, type Secrets } from './secrets.js';
import { kafkaUsers } from './servers/kafka-config.js';
import type { JavaArtifacts, KafkaOperations, Site } from './servers/server.js';
import { readState } from './state.js';
import { timed, type OnProgress } from './status.js';

/** The programs that these servers need, given what is cached. */
const neededPrograms = (external: External, cache: string): Program[] => {
  const java = !external.kafka || !external.registry;
  const cold =
    (!external.kafka && cacheFault(cache, kafkaArtifact)) ||
    (!external.registry && cacheFault(cache, registryArtifact));
  return [
    ...(java ? (['java'] as const) : []),
    ...(cold ? (['mvn'] as const) : []),
    ...(external.postgres === undefined ? (['postgres'] as const) : []),
    ...(external.redis === undefined ? (['redis-server'] as const) : []),
    ...(['psql', 'redis-cli', 'prometheus', 'alertmanager'] as const),
  ];
};

const prepareSoftware = async (
  needed: readonly Program[],
  postgresMajor: number | undefined,
  onProgress: OnProgress,
): Promise<Software> => {
  let software = await findSoftware(postgresMajor);
  const missing = needed.filter((program) => software[program] === undefined);
  if (missing.length === 0) return software;
  await timed('software', onProgress, async () => {
    onProgress({ step: 'software', state: 'note', ms: 0, detail: `missing: ${missing.join(', ')}` });
    await installMissing(missing, (line) =>
      onProgress({ step: 'software', state: 'note', ms: 0, detail: line }),
    );
    software = await findSoftware(postgresMajor);
    const still = needed.filter((program) => software[program] === undefined);
    if (still.length)
      throw new PlatformError(
        'missing-software',
        `Installed, but not found on this machine: ${still.join(', ')}. Put their folders on PATH.`,
      );
    return `installed ${missing.join(', ')}`;
  });
  return software;
};

const prepareJava = async (
  external: External,
  cache: string,
  software: Software,
  onProgress: OnProgress,
): Promise<JavaArtifacts | undefined> => {
  const { java } = software;
  if (java === undefined || (external.kafka && external.registry)) return undefined;
  mkdirSync(cache, { recursive: true });
  const wanted = [
    ...(external.kafka ? [] : [kafkaArtifact]),
    ...(external.registry ? [] : [registryArtifact]),
  ];
  if (wanted.some((artifact) => cacheFault(cache, artifact) !== undefined)) {
    await timed('downloads', onProgress, async () => {
      const note = (detail: string): void => onProgress({ step: 'downloads', state: 'note', ms: 0, detail });
      await Promise.all(wanted.map((artifact) => ensureArtifact(cache, artifact, software.mvn, note)));
      return `in ${cache}`;
    });
  }
  const folders = [kafkaArtifact, registryArtifact].map(({ name }) => join(cache, name));
  const [kafka = '', registry = ''] = folders;
  return {
    kafkaClassPath: kafkaJars(kafka),
    kafkaClasses: await classArchive(cache, kafkaArtifact.name, kafka, java),
    registryJar: registryJar(registry),
    registryClasses: await classArchive(cache, registryArtifact.name, registry, java),
  };
};

/** Postgres refuses to run as root: the user of the system's package runs it then. */
const findPostgresUser = async (): Promise<RunAs | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  if (uid.code !== 0 || locate(['setpriv']) === undefined) {
    throw new PlatformError(
      'missing-software',
      'PostgreSQL does not run as root. Run as another user, or have a user named postgres and util-linux (setpriv).',
    );
  }
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
};

/** Where Postgres' data lives: with the rest, unless its user cannot get there. Data that exists stays where it is. */
const placePostgresData = async (paths: PlatformPaths, user: RunAs | undefined): Promise<string> => {
  const remembered = readState(paths.home)?.postgresData;
  if (remembered !== undefined && existsSync(remembered)) return remembered;
  mkdirSync(paths.data, { recursive: true, mode: 0o711 });
  const [command, ...args] = guardedCommand(
    {
      command: 'test',
      args: ['-x', paths.data],
      cwd: '/',
      deathSignal: 'KILL',
      ...(user && { runAs: user }),
    },
    user ? locate(['setpriv']) : undefined,
  );
  return join((await run(command, args)).code === 0 ? paths.data : paths.postgresElsewhere, 'postgres');
};

const connectionsOf = (external: External, ports: Ports, secrets: Secrets): Connections => ({
  kafka: external.kafka ?? {
    brokers: kafkaNodes.map((node) => `127.0.0.1:${portOf(ports, node, 'client')}`),
    username: kafkaUsers.admin,
    password: secrets.kafkaAdmin,
    tls: false,
  },
  registry: external.registry ?? {
    url: `http://127.0.0.1:${portOf(ports, 'registry', 'http')}/apis/ccompat/v7`,
  },
  postgres:
    external.postgres ??
    `postgres://postgres:${secrets.postgresAdmin}@127.0.0.1:${portOf(ports, 'postgres', 'sql')}/postgres`,
  redis:
    external.redis ?? `redis://admin:${secrets.redisAdmin}@127.0.0.1:${portOf(ports, 'redis', 'resp')}/0`,
});

/** The variables of `platform.env`. */
export const platformEnv = (site: Pick<Site, 'connections' | 'ports'>): Record<string, string> => ({
  ...connectionEnv(site.connections),
  SOMA_PROMETHEUS_URL: `http://127.0.0.1:${portOf(site.ports, 'prometheus', 'http')}`,
  SOMA_ALERTMANAGER_URL: `http://127.0.0.1:${portOf(site.ports, 'alertmanager', 'http')}`,
});

const hasData = (paths: PlatformPaths): boolean =>
  existsSync(paths.data) && readdirSync(paths.data).length > 0;

/** Makes sure of everything that servers are made from: folders, passwords, ports, programs, downloads. */
export const prepareSite = async (
  paths: PlatformPaths,
  env: NodeJS.ProcessEnv,
  kafka: KafkaOperations,
  runningBrokers: () => number,
  onProgress: OnProgress,
): Promise<Site> => {
  const state = readState(paths.home);
  const external = externalServers(
    withoutOwn(env, parseEnv(readIfPresent(paths.env) ?? ''), state?.external ?? []),
  );
  const secrets = loadSecrets(paths.secrets, hasData(paths));
  for (const folder of [paths.data, paths.run]) mkdirSync(folder, { recursive: true, mode: 0o711 });
  const ports = await choosePorts(
    defaultPorts(),
    state?.ports ?? {},
    async (port) => reservePort(port) && isPortFree(port),
  );
  const cache = platformCache(env);
  const version = readIfPresent(
    join(readState(paths.home)?.postgresData ?? join(paths.data, 'postgres'), 'PG_VERSION'),
  );
  const software = await prepareSoftware(
    neededPrograms(external, cache),
    version === undefined ? undefined : Number(version),
    onProgress,
  );
  const java = await prepareJava(external, cache, software, onProgress);
  const postgresUser = external.postgres === undefined ? await findPostgresUser() : undefined;
  const site: Site = {
    paths,
    ports,
    secrets,
    software,
    java,
    connections: connectionsOf(external, ports, secrets),
    external,
    kafka,
    postgresData: await placePostgresData(paths, postgresUser),
    postgresUser,
    runningBrokers,
  };
  replaceFile(paths.env, renderEnv(platformEnv(site)));
  return site;
};

/** Throws `bad-request` if we may not keep state there. */
export const claimHome = (paths: PlatformPaths): void => {
  try {
    // Others may pass through but not look: Postgres' user must reach its data.
    mkdirSync(paths.home, { recursive: true, mode: 0o711 });
    for (const folder of [paths.logs, paths.principals]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(paths.home, constants.W_OK);
  } catch (error) {
    throw new PlatformError(
      'bad-request',
      `Cannot write to ${paths.home}: choose another folder with SOMA_HOME.`,
      { cause: error },
    );
  }
};
