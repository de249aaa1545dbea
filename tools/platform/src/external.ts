import { readFileSync } from 'node:fs';
import type { EnvVars } from './env-file.js';
import { PlatformError, reasonOf } from './errors.js';

/** How to reach Kafka; the shape that `describe` and `upsertScram` get. SASL mechanism is SCRAM-SHA-512; no username, no SASL. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
  readonly caFile?: string;
}

export interface RegistryConnection {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** A server that somebody else runs, by what it replaces. */
export interface External {
  readonly kafka?: KafkaConnection;
  readonly registry?: RegistryConnection;
  readonly postgres?: string;
  readonly redis?: string;
}

/** The value of a variable, or of the file that `<name>_FILE` points to. */
const secretOf = (env: NodeJS.ProcessEnv, name: string): string | undefined => {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new PlatformError(
      'bad-request',
      `${name}_FILE points to ${file}, which cannot be read: ${reasonOf(error)}`,
      { cause: error },
    );
  }
};

const urlOf = (env: NodeJS.ProcessEnv, name: string, protocols: readonly string[]): string | undefined => {
  const value = secretOf(env, name);
  if (value === undefined) return undefined;
  // The value may hold a password: a message names the variable and the form, never the value.
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new PlatformError(
      'bad-request',
      `${name} is not a URL of the form ${protocols.join('// or ')}//user:password@host:port/…`,
    );
  }
  return value;
};

const credentials = (env: NodeJS.ProcessEnv, prefix: string): { username?: string; password?: string } => {
  const username = env[`${prefix}_USERNAME`];
  const password = secretOf(env, `${prefix}_PASSWORD`);
  return { ...(username && { username }), ...(password && { password }) };
};

const places: Readonly<Record<keyof External, { readonly variable: string; readonly prefix: string }>> = {
  kafka: { variable: 'SOMA_KAFKA_BROKERS', prefix: 'SOMA_KAFKA_' },
  registry: { variable: 'SOMA_REGISTRY_URL', prefix: 'SOMA_REGISTRY_' },
  postgres: { variable: 'SOMA_POSTGRES_URL', prefix: 'SOMA_POSTGRES_' },
  redis: { variable: 'SOMA_REDIS_URL', prefix: 'SOMA_REDIS_' },
};

const placeOf = (value: string): string => (URL.canParse(value) && new URL(value).host) || value;

/**
 * Leaves out what points to our own servers: a shell that has read `platform.env` must not make them look like somebody else's.
 * `own` is what that file says, `external` which of it was somebody else's already; pure.
 */
export const withoutOwn = (
  env: NodeJS.ProcessEnv,
  own: EnvVars,
  external: readonly string[],
): NodeJS.ProcessEnv => {
  const ours = Object.entries(places)
    .filter(([name, { variable }]) => {
      const value = env[variable];
      const known = own[variable];
      return (
        !external.includes(name) &&
        value !== undefined &&
        known !== undefined &&
        placeOf(value) === placeOf(known)
      );
    })
    .map(([, { prefix }]) => prefix);
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !ours.some((prefix) => name.startsWith(prefix))),
  );
};

/** Which servers the environment says are somebody else's. Throws `bad-request` for a value that cannot be used. */
export const externalServers = (env: NodeJS.ProcessEnv): External => {
  const brokers = env['SOMA_KAFKA_BROKERS']
    ?.split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  const registry = urlOf(env, 'SOMA_REGISTRY_URL', ['http:', 'https:']);
  const postgres = urlOf(env, 'SOMA_POSTGRES_URL', ['postgres:', 'postgresql:']);
  const redis = urlOf(env, 'SOMA_REDIS_URL', ['redis:', 'rediss:']);
  return {
    ...(brokers?.length && {
      kafka: {
        brokers,
        tls: env['SOMA_KAFKA_TLS'] === 'true',
        ...credentials(env, 'SOMA_KAFKA'),
        ...(env['SOMA_KAFKA_CA_FILE'] && { caFile: env['SOMA_KAFKA_CA_FILE'] }),
      },
    }),
    ...(registry && { registry: { url: registry, ...credentials(env, 'SOMA_REGISTRY') } }),
    ...(postgres && { postgres }),
    ...(redis && { redis }),
  };
};

/** Everything a client needs, of embedded and external servers alike. */
export interface Connections {
  readonly kafka: KafkaConnection;
  readonly registry: RegistryConnection;
  readonly postgres: string;
  readonly redis: string;
}

/** The variables that every service and test reads; pure. */
export const connectionEnv = ({ kafka, registry, postgres, redis }: Partial<Connections>): EnvVars => ({
  ...(kafka && {
    SOMA_KAFKA_BROKERS: kafka.brokers.join(','),
    ...(kafka.username !== undefined && { SOMA_KAFKA_USERNAME: kafka.username }),
    ...(kafka.password !== undefined && { SOMA_KAFKA_PASSWORD: kafka.password }),
    SOMA_KAFKA_TLS: String(kafka.tls),
    ...(kafka.caFile !== undefined && { SOMA_KAFKA_CA_FILE: kafka.caFile }),
  }),
  ...(registry && {
    SOMA_REGISTRY_URL: registry.url,
    ...(registry.username !== undefined && { SOMA_REGISTRY_USERNAME: registry.username }),
    ...(registry.password !== undefined && { SOMA_REGISTRY_PASSWORD: registry.password }),
  }),
  ...(postgres !== undefined && { SOMA_POSTGRES_URL: postgres }),
  ...(redis !== undefined && { SOMA_REDIS_URL: redis }),
});
