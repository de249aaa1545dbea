import { fileURLToPath } from 'node:url';
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createRedis, type Redis } from '@soma/redis';
import { HealthRegistry, LOGGER, ShutdownRegistry } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { AccessModule } from './access.module.js';
import { createConsumerStore } from './adapters/consumer-store.js';
import { createNotificationStore } from './adapters/notification-store.js';
import { createPartitionStore } from './adapters/partition-store.js';
import { createRuleStore } from './adapters/rule-store.js';
import { applyRules } from './apply-rules.js';
import { createRedisWakeUp } from './adapters/redis-wake-up.js';
import { type Config, retentionOf, streamOptions } from './config.js';
import { EventsController } from './consumers/events.controller.js';
import { controllers } from './http/controllers.js';
import { FeedWebSockets } from './http/websocket.js';
import { PeopleModule } from './people.module.js';
import type { NotificationStore, RuleStore, WakeUp } from './ports.js';
import { retain } from './retain.js';
import { RuleBook } from './rule-book.js';
import { createRuleMetrics, type RuleMetrics } from './rule-metrics.js';
import { serviceName } from './service-name.js';
import {
  APPLY_RULES,
  CONSUMER_STORE,
  HUB,
  NOTIFICATION_STORE,
  POSTGRES,
  RULE_BOOK,
  RULE_STORE,
  UPKEEP,
  WAKE_UP,
} from './tokens.js';
import { Hub } from './streams/hub.js';
import { Upkeep } from './upkeep.js';
import { webhookProviders } from './webhooks.module.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

const REDIS = Symbol('Redis');
const RULE_METRICS = Symbol('RuleMetrics');

@Module({})
export class AppModule implements OnApplicationBootstrap, OnApplicationShutdown {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      // The modules that it is made of use its parts.
      global: true,
      exports: [POSTGRES, NOTIFICATION_STORE, WAKE_UP, RULE_BOOK],
      imports: [AccessModule.with(config), PeopleModule.with(config)],
      controllers: [EventsController, ...controllers],
      providers: [
        {
          provide: POSTGRES,
          inject: [LOGGER],
          useFactory: async (logger: Logger) => {
            await migrate(config.SOMA_POSTGRES_URL, migrations);
            return createPostgres(config, { logger });
          },
        },
        {
          provide: REDIS,
          inject: [LOGGER],
          useFactory: (logger: Logger) => createRedis(config, { logger, name: serviceName }),
        },
        { provide: NOTIFICATION_STORE, inject: [POSTGRES], useFactory: createNotificationStore },
        { provide: WAKE_UP, inject: [REDIS, LOGGER], useFactory: createRedisWakeUp },
        { provide: RULE_STORE, inject: [POSTGRES], useFactory: createRuleStore },
        { provide: RULE_METRICS, useFactory: createRuleMetrics },
        {
          provide: RULE_BOOK,
          inject: [RULE_STORE, RULE_METRICS, LOGGER],
          useFactory: async (store: RuleStore, metrics: RuleMetrics, logger: Logger) => {
            const book = new RuleBook(config.FEED_RULES_DIR, store, metrics, logger);
            // Before the first event: one that no rule was asked about is not asked about later.
            await book.reload(Date.now());
            return book;
          },
        },
        {
          provide: APPLY_RULES,
          inject: [RULE_BOOK, RULE_STORE, WAKE_UP, RULE_METRICS, LOGGER],
          useFactory: (
            book: RuleBook,
            store: RuleStore,
            wakeUp: WakeUp,
            metrics: RuleMetrics,
            logger: Logger,
          ) => applyRules({ rules: () => book.rules, store, wakeUp, metrics, logger }),
        },
        {
          provide: UPKEEP,
          inject: [RULE_BOOK, RULE_STORE, NOTIFICATION_STORE, POSTGRES, WAKE_UP, LOGGER],
          useFactory: (
            book: RuleBook,
            store: RuleStore,
            feed: NotificationStore,
            postgres: Postgres,
            wakeUp: WakeUp,
            logger: Logger,
          ) =>
            new Upkeep({
              book,
              store,
              wakeUp,
              retain: retain(feed, createPartitionStore(postgres), retentionOf(config)),
              logger,
              everyMs: config.FEED_RULES_POLL_MS,
            }),
        },
        { provide: CONSUMER_STORE, inject: [POSTGRES], useFactory: createConsumerStore },
        {
          provide: HUB,
          inject: [NOTIFICATION_STORE, WAKE_UP, ShutdownRegistry, LOGGER],
          useFactory: (
            store: NotificationStore,
            wakeUp: WakeUp,
            shutdown: ShutdownRegistry,
            logger: Logger,
          ) => {
            const hub = new Hub({ store, wakeUp, logger, ...streamOptions(config) });
            shutdown.onShutdown(() => hub.close());
            return hub;
          },
        },
        FeedWebSockets,
        ...webhookProviders(config),
      ],
    };
  }

  constructor(
    @Inject(POSTGRES) private readonly postgres: Postgres,
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(UPKEEP) private readonly upkeep: Upkeep,
    @Inject(HealthRegistry) health: HealthRegistry,
  ) {
    health.register({ name: 'postgres', check: () => postgres.health() });
    // Without Redis the streams look by themselves: slower, and still complete.
    health.register({ name: 'redis', check: () => redis.health(), critical: false });
  }

  onApplicationBootstrap(): void {
    this.upkeep.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.upkeep.stop();
    await this.redis.quit();
    await this.postgres.end();
  }
}
