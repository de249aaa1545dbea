import type { ServiceDefinition } from '@soma/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';
import { provisionerService } from './core/desired.js';

/** The topic-provisioner as a service. */
export const service: ServiceDefinition<typeof configSchema> = {
  name: provisionerService,
  version: '0.1.0',
  config: configSchema,
  module: (config) => AppModule.with(config),
};
