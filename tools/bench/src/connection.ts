import {
  kafkaEnv,
  type KafkaSettings,
  kafkaSettings,
  type RegistrySettings,
  registrySettings,
} from '@soma/kafka';
import { overPlatformEnv, platformHome } from '@soma/platform';
import { loadConfig } from '@soma/service-kit';
import { z } from 'zod';

/** The platform that is measured. */
export interface Connection {
  readonly kafka: KafkaSettings;
  readonly registry: RegistrySettings;
  /** The variables it was read from, for services that read them themselves. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The environment over `.soma/platform.env`. Throws with what to do when neither names a platform. */
export const readConnection = (): Connection => {
  const env = overPlatformEnv(platformHome());
  if (!env['SOMA_KAFKA_BROKERS'] && !env['SOMA_KAFKA_BROKERS_FILE']) {
    throw new Error(
      'no platform to measure on: run `npx soma up`, or set SOMA_KAFKA_BROKERS and SOMA_REGISTRY_URL',
    );
  }
  const config = loadConfig(z.object(kafkaEnv), env);
  return { kafka: kafkaSettings(config), registry: registrySettings(config), env };
};
