import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import type { EventOf } from '@soma/contracts';
import { createKafkaEvents, type EventContext, EventPattern, kafkaEnv } from '@soma/kafka';
import { bootstrap, HealthRegistry, LOGGER, serviceEnv } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { z } from 'zod';

/** What this squad does with the events of others: it keeps nothing, it tells what it heard. */
@Controller()
class SquadController {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  @EventPattern('settings.changed')
  onSettingsChanged(event: EventOf<'settings.changed'>, context: EventContext<'settings.changed'>): void {
    const { partition, offset } = context.event;
    this.logger.info({ tenant: event.tenant, version: event.version, partition, offset }, 'settings changed');
  }

  @EventPattern('billing.events')
  onBilling(event: EventOf<'billing.events'>): void {
    // Money is integer micro-units: 1,000,000 are one unit of the currency.
    this.logger.info({ tenant: event.tenant_id, micros: event.cost, currency: event.currency }, 'billed');
  }
}

@Module({ controllers: [SquadController] })
class SquadModule {}

await bootstrap({
  name: 'squad-service',
  version: '0.1.0',
  config: z.object({ ...serviceEnv, ...kafkaEnv }),
  module: () => SquadModule,
  strategies: (app, config) => [
    createKafkaEvents(config, {
      service: 'squad-service',
      logger: app.get(LOGGER),
      health: app.get(HealthRegistry),
    }),
  ],
});
