import 'reflect-metadata';
import { createKafkaEvents } from '@soma/kafka';
import { bootstrap, HealthRegistry, LOGGER } from '@soma/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';
import { serviceName } from './service-name.js';

await bootstrap({
  name: serviceName,
  version: '0.1.0',
  config: configSchema,
  module: (config) => AppModule.with(config),
  strategies: (app, config) => [
    createKafkaEvents(config, {
      service: serviceName,
      logger: app.get(LOGGER),
      health: app.get(HealthRegistry),
    }),
  ],
});
