import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { kafkaEnv, type KafkaEnv } from '@soma/kafka';
import { platformHome } from '@soma/platform';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '@soma/service-kit';
import { z } from 'zod';
import { CommandFailure, exitCodes } from './exit.js';

const brokers = 'SOMA_KAFKA_BROKERS';

const kafkaSchema = z.object(kafkaEnv);

/** The environment of this process over that of the local platform, if one was started in this checkout. */
const connectionEnv = (): Readonly<Record<string, string | undefined>> => {
  const file = join(platformHome(), 'platform.env');
  const local = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  // A variable of the environment wins over the file's, also when it is given as X_FILE.
  const kept = Object.entries(local).filter(([name]) => process.env[`${name}_FILE`] === undefined);
  return { ...Object.fromEntries(kept), ...process.env };
};

/** How to reach Kafka and the registry; fails with every wrong variable and with what to do. */
export const kafkaConnection = (): KafkaEnv => {
  const env = connectionEnv();
  if (env[brokers] === undefined && env[`${brokers}_FILE`] === undefined) {
    const message =
      'no platform to talk to: run `npx soma up`, or set SOMA_KAFKA_BROKERS and SOMA_REGISTRY_URL';
    throw new CommandFailure(message, exitCodes.config);
  }
  try {
    return loadConfig(kafkaSchema, env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.message, exitCodes.config);
    throw error;
  }
};
