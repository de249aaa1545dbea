import { join } from 'node:path';
import { PlatformError } from './errors.js';
import { connectionEnv, type Connections } from './external.js';
import { renderEnv } from './env-file.js';
import { replaceFile } from './files.js';
import { newPassword, writeSecrets, type PrincipalSecrets } from './secrets.js';
import { psql, roleWithDatabase } from './servers/psql.js';
import { principalRule, redisCli } from './servers/redis-cli.js';
import type { Site } from './servers/server.js';

/** A service that needs accounts of its own. It gets a Kafka user, and the others when asked. */
export interface PrincipalRequest {
  readonly name: string;
  /** A Postgres role and a database of the same name. */
  readonly postgres?: boolean;
  /** A Redis user that reaches keys and channels `<name>:*` only. */
  readonly redis?: boolean;
}

const reserved = [
  'admin',
  'broker',
  'controller',
  'registry',
  'postgres',
  'default',
  'template0',
  'template1',
];

/** What is wrong with these names; empty when nothing is. A name becomes a role, a database, an ACL user and a file name. */
export const wrongPrincipals = (requests: readonly PrincipalRequest[]): string[] =>
  requests.flatMap(({ name }) => {
    if (reserved.includes(name)) return [`"${name}" is reserved for the servers themselves`];
    return /^[a-z][a-z0-9-]{0,62}$/.test(name)
      ? []
      : [`"${name}" must be lower-case letters, digits and dashes, from a letter on, 63 at most`];
  });

/** The passwords of a principal: the ones it has, and new ones for what it gets first now. */
const granted = (known: PrincipalSecrets | undefined, request: PrincipalRequest): PrincipalSecrets => ({
  kafka: known?.kafka ?? newPassword(),
  ...((known?.postgres ?? request.postgres) && { postgres: known?.postgres ?? newPassword() }),
  ...((known?.redis ?? request.redis) && { redis: known?.redis ?? newPassword() }),
});

const asUser = (url: string, name: string, password: string, database?: string): string => {
  const address = new URL(url);
  address.username = name;
  address.password = password;
  if (database !== undefined) address.pathname = `/${database}`;
  return address.href;
};

/** What a principal connects with; pure. */
export const principalEnv = (
  name: string,
  secrets: PrincipalSecrets,
  { kafka, registry, postgres, redis }: Connections,
): string =>
  renderEnv(
    connectionEnv({
      kafka: { ...kafka, username: name, password: secrets.kafka ?? '' },
      registry,
      ...(secrets.postgres !== undefined && { postgres: asUser(postgres, name, secrets.postgres, name) }),
      ...(secrets.redis !== undefined && { redis: asUser(redis, name, secrets.redis) }),
    }),
  );

/** Writes the connection file of every known principal: ports may have changed since. */
export const writePrincipalFiles = (site: Site): void => {
  for (const [name, secrets] of Object.entries(site.secrets.principals)) {
    replaceFile(join(site.paths.principals, `${name}.env`), principalEnv(name, secrets, site.connections));
  }
};

/**
 * Makes the accounts of service principals, or gives existing ones the passwords we know, and writes `.soma/principals/<name>.env`.
 * Safe to run again. Throws `bad-request` with every wrong name.
 */
export const ensurePrincipals = async (site: Site, requests: readonly PrincipalRequest[]): Promise<void> => {
  const wrong = wrongPrincipals(requests);
  if (wrong.length)
    throw new PlatformError(
      'bad-request',
      `These principals cannot be made:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
    );
  for (const request of requests)
    site.secrets.principals[request.name] = granted(site.secrets.principals[request.name], request);
  // First kept, then told to the servers: after a crash in between the next call gives the same ones again.
  writeSecrets(site.paths.secrets, site.secrets);
  const all = requests.map(({ name }) => ({ name, ...site.secrets.principals[name] }));
  const withPassword = (server: 'kafka' | 'postgres' | 'redis'): { name: string; password: string }[] =>
    all.flatMap((principal) =>
      principal[server] === undefined ? [] : [{ name: principal.name, password: principal[server] }],
    );
  const roles = withPassword('postgres');
  const redisUsers = withPassword('redis');
  await Promise.all([
    site.kafka.upsertScram(site.connections.kafka, withPassword('kafka')),
    roles.length &&
      psql(
        site.software.psql ?? 'psql',
        site.connections.postgres,
        roles.map(({ name, password }) => roleWithDatabase(name, password)).join(''),
      ),
    redisUsers.length &&
      redisCli(site.software['redis-cli'] ?? 'redis-cli', site.connections.redis, [
        ...redisUsers.map(({ name, password }) => `ACL SETUSER ${principalRule(name, password)}`),
        ...(site.external.redis === undefined ? ['ACL SAVE'] : []),
      ]),
  ]);
  writePrincipalFiles(site);
};
