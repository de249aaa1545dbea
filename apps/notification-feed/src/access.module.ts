import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { EventProducer, EventSerde, kafkaSettings, registrySettings, SchemaRegistry } from '@soma/kafka';
import type { Postgres } from '@soma/postgres';
import { Authenticator, LOGGER } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { createAccessTokens } from './adapters/access-tokens.js';
import { DatabaseTokens } from './adapters/database-tokens.js';
import { AuditRelay } from './audit-relay.js';
import type { Config } from './config.js';
import { RefusalsInterceptor } from './http/refusals.interceptor.js';
import { Refusals } from './refusals.js';
import { serviceName } from './service-name.js';
import { ACCESS_TOKENS, POSTGRES } from './tokens.js';

const createProducer = (config: Config, logger: Logger): EventProducer => {
  const serde = new EventSerde(new SchemaRegistry(registrySettings(config)), config.SOMA_TOPIC_PREFIX);
  return new EventProducer(kafkaSettings(config), { service: serviceName, serde, logger });
};

/** Who may do what, and the audit of it: tokens of the feed's own, refusals, and the way to identity.audit. */
@Module({})
export class AccessModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  static with(config: Config): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: ACCESS_TOKENS, inject: [POSTGRES], useFactory: createAccessTokens },
        {
          provide: Refusals,
          inject: [POSTGRES, LOGGER],
          useFactory: (postgres: Postgres, logger: Logger) => new Refusals(postgres, logger),
        },
        {
          provide: AuditRelay,
          inject: [POSTGRES, LOGGER],
          useFactory: (postgres: Postgres, logger: Logger) =>
            new AuditRelay(postgres, createProducer(config, logger), logger),
        },
        { provide: APP_INTERCEPTOR, useClass: RefusalsInterceptor },
      ],
      exports: [ACCESS_TOKENS, Refusals],
    };
  }

  constructor(
    @Inject(AuditRelay) private readonly relay: AuditRelay,
    @Inject(Authenticator) authenticator: Authenticator,
    @Inject(POSTGRES) postgres: Postgres,
    @Inject(LOGGER) logger: Logger,
  ) {
    authenticator.register(new DatabaseTokens(postgres, logger));
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  /** Before the pool is closed: what is written after it waits for the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}
