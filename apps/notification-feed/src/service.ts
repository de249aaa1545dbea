import { createKafkaEvents } from '@soma/kafka';
import { HealthRegistry, LOGGER, type ServiceDefinition } from '@soma/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';
import { serviceName } from './service-name.js';

/** What this service is: `main.ts` runs it as a process, specs within theirs. */
export const service: ServiceDefinition<typeof configSchema> = {
  name: serviceName,
  version: '0.1.0',
  config: configSchema,
  module: (config) => AppModule.with(config),
  strategies: (app, config) => [
    createKafkaEvents(config, {
      service: serviceName,
      // Batches take turns at the database anyway; in one lane, what rules have seen of a partition is one range of offsets.
      lanes: 1,
      logger: app.get(LOGGER),
      health: app.get(HealthRegistry),
    }),
  ],
};
