import { kafkaEnv, type KafkaEnv } from '@soma/kafka';
import { overPlatformEnv, platformHome } from '@soma/platform';
import { ConfigError, loadConfig } from '@soma/service-kit';
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
  try {
    return loadConfig(kafkaSchema, env);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.message, exitCodes.config);
    throw error;
  }
};
