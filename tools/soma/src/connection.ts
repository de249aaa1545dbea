import { kafkaEnv, type KafkaEnv } from '@soma/kafka';
import { overPlatformEnv, parseEnv, platformHome, platformPaths } from '@soma/platform';
import { postgresEnv } from '@soma/postgres';
import { ConfigError, loadConfig } from '@soma/service-kit';
import { provisionerService } from '@soma/topic-provisioner';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandFailure, exitCodes } from './exit.js';

const brokers = 'SOMA_KAFKA_BROKERS';

const kafkaSchema = z.object(kafkaEnv);

/** How to reach Kafka and the registry; fails with every wrong variable and with what to do. */
export const kafkaConnection = (): KafkaEnv => {
  const env = overPlatformEnv(platformHome());
  if (env[brokers] === undefined && env[`${brokers}_FILE`] === undefined) {
    const message =
      'no platform to talk to: run `npx soma up`, or set SOMA_KAFKA_BROKERS and SOMA_REGISTRY_URL';
    throw new CommandFailure(message, exitCodes.config);
  }
  return read(kafkaSchema, env);
};

const postgres = 'SOMA_POSTGRES_URL';
const postgresSchema = z.object(postgresEnv);

/** On a local platform the provisioner's own database, which its service reads, too. */
const ownDatabase = (home: string): Readonly<Record<string, string | undefined>> => {
  const file = join(platformPaths(home).principals, `${provisionerService}.env`);
  const own = existsSync(file) ? parseEnv(readFileSync(file, 'utf8'))[postgres] : undefined;
  return own === undefined ? {} : { [postgres]: own };
};

/** How to reach the database in which applies are recorded; fails with what to do. */
export const journalConnection = (): z.output<typeof postgresSchema> => {
  const home = platformHome();
  const given = process.env[postgres] !== undefined || process.env[`${postgres}_FILE`] !== undefined;
  const env = { ...overPlatformEnv(home), ...(!given && ownDatabase(home)) };
  if (env[postgres] === undefined && env[`${postgres}_FILE`] === undefined) {
    const message =
      'an apply is recorded in PostgreSQL: set SOMA_POSTGRES_URL to the database of the provisioner';
    throw new CommandFailure(message, exitCodes.config);
  }
  return read(postgresSchema, env);
};

const read = <S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> => {
  try {
    return loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.message, exitCodes.config);
    throw error;
  }
};

const registrySchema = z.object(kafkaEnv).pick({
  SOMA_TOPIC_PREFIX: true,
  SOMA_REGISTRY_URL: true,
  SOMA_REGISTRY_USERNAME: true,
  SOMA_REGISTRY_PASSWORD: true,
});

/**
 * How to reach the registry: that of the environment, or of the local platform. Another `url` gets only what the
 * environment itself names: the local platform's password is none of its business.
 */
export const registryConnection = (url?: string): z.output<typeof registrySchema> => {
  if (url !== undefined && !URL.canParse(url))
    throw new CommandFailure(
      `--registry ${url}: no URL; allowed: http://host:port, and the directory before the option`,
      exitCodes.usage,
    );
  const env =
    url === undefined
      ? overPlatformEnv(platformHome())
      : { ...process.env, SOMA_REGISTRY_URL: url, SOMA_REGISTRY_URL_FILE: undefined };
  if (env['SOMA_REGISTRY_URL'] === undefined && env['SOMA_REGISTRY_URL_FILE'] === undefined)
    throw new CommandFailure(
      'no registry to compare with: run `npx soma up`, set SOMA_REGISTRY_URL, or name its URL',
      exitCodes.config,
    );
  try {
    return loadConfig(registrySchema, env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.message, exitCodes.config);
    throw error;
  }
};
