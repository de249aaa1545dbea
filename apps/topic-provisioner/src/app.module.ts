import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { EventProducer, EventSerde, kafkaSettings, registrySettings, SchemaRegistry } from '@soma/kafka';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { HealthRegistry, LOGGER } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { createDriftLog } from './adapters/drift-log.js';
import { createJournal } from './adapters/journal.js';
import { createPlanRecords } from './adapters/plan-records.js';
import { Applier } from './apply.js';
import type { Config } from './config.js';
import { provisionerService } from './core/desired.js';
import { createProvisioner } from './create-provisioner.js';
import { controllers } from './http/controllers.js';
import { reconcilerMetrics } from './metrics.js';
import { migrations } from './migrations.js';
import { Plans } from './plans.js';
import type { Journal } from './ports.js';
import { Provisioner } from './provisioner.js';
import { Reconciler } from './reconciler.js';
import { Reconciliation } from './reconciliation.js';
import {
  APPLIER,
  JOURNAL,
  PLAN_RECORDS,
  POSTGRES,
  POSTGRES_CONFIG,
  PRODUCER,
  RECONCILER,
  STOPPING,
} from './tokens.js';

const createProducer = (config: Config, logger: Logger): EventProducer => {
  const registry = new SchemaRegistry(registrySettings(config));
  const serde = new EventSerde(registry, config.SOMA_TOPIC_PREFIX);
  return new EventProducer(kafkaSettings(config), { service: provisionerService, serde, logger });
};

const migrated = async (config: Config, logger: Logger): Promise<Postgres> => {
  const { SOMA_POSTGRES_URL: url, SOMA_POSTGRES_CA_FILE: caFile } = config;
  await migrate(url, migrations, { logger, ...(caFile !== undefined && { caFile }) });
  return createPostgres(config, { logger, applicationName: provisionerService });
};

@Module({})
export class AppModule implements OnApplicationShutdown {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      controllers,
      providers: [
        { provide: STOPPING, useFactory: () => new AbortController() },
        { provide: POSTGRES_CONFIG, useValue: config },
        { provide: Provisioner, useFactory: () => createProvisioner(config) },
        { provide: POSTGRES, inject: [LOGGER], useFactory: (logger: Logger) => migrated(config, logger) },
        {
          provide: PRODUCER,
          inject: [LOGGER],
          useFactory: (logger: Logger) => createProducer(config, logger),
        },
        {
          provide: JOURNAL,
          inject: [POSTGRES],
          useFactory: (postgres: Postgres) => createJournal(postgres, config),
        },
        { provide: PLAN_RECORDS, inject: [POSTGRES], useFactory: createPlanRecords },
        {
          provide: APPLIER,
          inject: [Provisioner, JOURNAL],
          useFactory: (provisioner: Provisioner, journal: Journal) => new Applier(provisioner, journal),
        },
        {
          provide: RECONCILER,
          inject: [Provisioner, APPLIER, POSTGRES, PRODUCER, LOGGER],
          useFactory: (
            provisioner: Provisioner,
            applier: Applier,
            postgres: Postgres,
            producer: EventProducer,
            logger: Logger,
          ) =>
            new Reconciler({
              provisioner,
              applier,
              producer,
              logger,
              drift: createDriftLog(postgres),
              metrics: reconcilerMetrics(),
              topicPrefix: config.SOMA_TOPIC_PREFIX,
              intervalMs: config.PROVISIONER_INTERVAL_MS,
              revert: config.PROVISIONER_REVERT,
            }),
        },
        Plans,
        Reconciliation,
      ],
    };
  }

  constructor(
    @Inject(Provisioner) private readonly provisioner: Provisioner,
    @Inject(POSTGRES) private readonly postgres: Postgres,
    @Inject(PRODUCER) private readonly producer: EventProducer,
    @Inject(Reconciliation) private readonly reconciliation: Reconciliation,
    @Inject(HealthRegistry) health: HealthRegistry,
  ) {
    health.register({ name: 'kafka', check: () => provisioner.kafkaHealth() });
    health.register({ name: 'registry', check: () => provisioner.registryHealth() });
    health.register({ name: 'postgres', check: () => postgres.health() });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.reconciliation.stop();
    await this.producer.close();
    await this.provisioner.close();
    await this.postgres.end();
  }
}
