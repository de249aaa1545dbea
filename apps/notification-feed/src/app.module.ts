import { fileURLToPath } from 'node:url';
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createRedis, type Redis } from '@soma/redis';
import { HealthRegistry, LOGGER } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { createNotificationStore } from './adapters/notification-store.js';
import { createRedisWakeUp } from './adapters/redis-wake-up.js';
import type { Config } from './config.js';
import { EventsController } from './consumers/events.controller.js';
import { AlertmanagerController } from './http/alertmanager.controller.js';
import { NotificationsController } from './http/notifications.controller.js';
import { PostController } from './http/post.controller.js';
import { StreamController } from './http/stream.controller.js';
import { serviceName } from './service-name.js';
import { FEED_OPTIONS, NOTIFICATION_STORE, WAKE_UP } from './tokens.js';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

const POSTGRES = Symbol('Postgres');
const REDIS = Symbol('Redis');

@Module({})
export class AppModule implements OnApplicationShutdown {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        EventsController,
        NotificationsController,
        PostController,
        AlertmanagerController,
        StreamController,
      ],
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
        {
          provide: FEED_OPTIONS,
          useValue: { pollMs: config.FEED_POLL_MS, heartbeatMs: config.FEED_HEARTBEAT_MS },
        },
      ],
    };
  }

  constructor(
    @Inject(POSTGRES) private readonly postgres: Postgres,
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(HealthRegistry) health: HealthRegistry,
  ) {
    health.register({ name: 'postgres', check: () => postgres.health() });
    // Without Redis the streams look by themselves: slower, and still complete.
    health.register({ name: 'redis', check: () => redis.health(), critical: false });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.redis.quit();
    await this.postgres.end();
  }
}
