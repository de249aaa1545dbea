import 'reflect-metadata';
import { bootstrap } from '@soma/service-kit';
import { AppModule } from './app.module.js';
import { configSchema } from './config.js';
import { provisionerService } from './core/desired.js';

await bootstrap({
  name: provisionerService,
  version: '0.1.0',
  config: configSchema,
  module: (config) => AppModule.with(config),
});
