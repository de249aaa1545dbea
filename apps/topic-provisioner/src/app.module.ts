import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { formatProblems, loadCatalogue } from '@soma/catalogue';
import { kafkaSettings, registrySettings } from '@soma/kafka';
import { HealthRegistry } from '@soma/service-kit';
import type { Config } from './config.js';
import { TopicsController } from './http/topics.controller.js';
import { Provisioner } from './provisioner.js';

const createProvisioner = async (config: Config): Promise<Provisioner> => {
  const result = await loadCatalogue(config.SOMA_SCHEMAS_DIR);
  if (!result.ok) throw new Error(`the catalogue is wrong:\n${formatProblems(result.problems)}`);
  return new Provisioner({
    kafka: kafkaSettings(config),
    registry: registrySettings(config),
    catalogue: result.catalogue,
    environment: config.SOMA_ENVIRONMENT,
  });
};

@Module({})
export class AppModule implements OnApplicationShutdown {
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      controllers: [TopicsController],
      providers: [{ provide: Provisioner, useFactory: () => createProvisioner(config) }],
    };
  }

  constructor(
    @Inject(Provisioner) private readonly provisioner: Provisioner,
    @Inject(HealthRegistry) health: HealthRegistry,
  ) {
    health.register({ name: 'kafka', check: () => provisioner.kafkaHealth() });
    health.register({ name: 'registry', check: () => provisioner.registryHealth() });
  }

  onApplicationShutdown(): Promise<void> {
    return this.provisioner.close();
  }
}
