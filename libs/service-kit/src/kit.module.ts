import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { Logger } from '@soma/telemetry';
import { Authenticator } from './auth/authenticator.js';
import { BearerGuard } from './auth/bearer.guard.js';
import { HealthController } from './health/health.controller.js';
import { HealthRegistry } from './health/health.registry.js';
import { MetricsController } from './http/metrics.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { LOGGER } from './logging/logger.token.js';
import { ShutdownRegistry } from './lifecycle/shutdown.registry.js';

/** What every service has, around the module that makes it this one. */
@Module({})
export class KitModule {
  static around(service: Type | DynamicModule, logger: Logger, authenticator: Authenticator): DynamicModule {
    return {
      module: KitModule,
      global: true,
      imports: [service],
      controllers: [HealthController, MetricsController],
      providers: [
        HealthRegistry,
        ShutdownRegistry,
        { provide: LOGGER, useValue: logger },
        { provide: Authenticator, useValue: authenticator },
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [Authenticator, HealthRegistry, ShutdownRegistry, LOGGER],
    };
  }
}
