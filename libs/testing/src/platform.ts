import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnvFile } from './env-file.js';

/** Reading a setting that is not there says what to do about it. */
export class NoPlatform extends Error {
  readonly code = 'NO_PLATFORM';

  constructor(missing: string) {
    super(`no platform: run \`npx soma up\` (or \`npm test\`, which starts one); ${missing}`);
    this.name = 'NoPlatform';
  }
}

/** How tests reach Kafka, as the platform's administrator. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

/** The servers that tests use, with administrator rights. Each member throws {@link NoPlatform} if it is not known. */
export interface Platform {
  readonly kafka: KafkaConnection;
  readonly registryUrl: string;
  readonly postgresUrl: string;
  readonly redisUrl: string;
  /** Directory with the platform's state, `.soma` of the checkout unless SOMA_HOME says otherwise. */
  readonly home: string;
  /** Every SOMA_ variable of the connections, to give to a service that a test starts as administrator. */
  readonly env: Readonly<Record<string, string>>;
  /** The variables of a service principal, with its least privileges: `notification-feed`. */
  principal(name: string): Readonly<Record<string, string>>;
}

const connection = /^SOMA_(KAFKA|REGISTRY|POSTGRES|REDIS|TOPIC)_/;

/**
 * The platform that the environment (SOMA_ variables, or the files that X_FILE names) or `.soma/platform.env`, sought
 * from the working directory upwards, describes. A variable of the environment wins over the file.
 *
 * @throws NoPlatform if there is neither.
 */
export function platform(
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd = process.cwd(),
): Platform {
  const home = env['SOMA_HOME'] ? resolve(cwd, env['SOMA_HOME']) : findHome(cwd);
  const settings = { ...(home ? readEnv(join(home, 'platform.env')) : {}), ...fromEnvironment(env) };
  if (Object.keys(settings).length === 0)
    throw new NoPlatform('there is no SOMA_ variable and no .soma/platform.env');
  const need = (name: string): string => {
    const value = settings[name];
    if (!value) throw new NoPlatform(`${name} is not set`);
    return value;
  };
  const needHome = (): string => {
    if (!home) throw new NoPlatform(`there is no .soma above ${cwd}`);
    return home;
  };
  return {
    get kafka() {
      return {
        brokers: need('SOMA_KAFKA_BROKERS').split(','),
        username: settings['SOMA_KAFKA_USERNAME'],
        password: settings['SOMA_KAFKA_PASSWORD'],
        tls: settings['SOMA_KAFKA_TLS'] === 'true',
      };
    },
    get registryUrl() {
      return need('SOMA_REGISTRY_URL');
    },
    get postgresUrl() {
      return need('SOMA_POSTGRES_URL');
    },
    get redisUrl() {
      return need('SOMA_REDIS_URL');
    },
    get home() {
      return needHome();
    },
    env: settings,
    principal: (name) => {
      const file = join(needHome(), 'principals', `${name}.env`);
      if (!existsSync(file)) throw new NoPlatform(`${file} is missing`);
      return readEnv(file);
    },
  };
}

function findHome(from: string): string | undefined {
  const home = join(from, '.soma');
  if (existsSync(join(home, 'platform.env'))) return home;
  const parent = dirname(from);
  return parent === from ? undefined : findHome(parent);
}

const readEnv = (file: string): Record<string, string> =>
  existsSync(file) ? parseEnvFile(readFileSync(file, 'utf8')) : {};

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(env).filter(([name, value]) => connection.test(name) && value);
  return Object.fromEntries(
    given.map(([name, value = '']) =>
      name.endsWith('_FILE') && !name.endsWith('_CA_FILE')
        ? [name.slice(0, -'_FILE'.length), readFileSync(value, 'utf8').trim()]
        : [name, value],
    ),
  );
}
