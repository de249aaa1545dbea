import type { Logger } from 'pino';
import { createAdmin } from '../admin/admin.js';
import { type KafkaEnv, kafkaSettings, registrySettings } from '../config.js';
import type { ConsumerOptions } from '../consumer/consumer.js';
import { EventProducer } from '../producer/producer.js';
import { SchemaRegistry } from '../registry/registry.js';
import { EventSerde } from '../serde/serde.js';
import { KafkaEvents } from './strategy.js';

/** Where a service's readiness is told; service-kit's HealthRegistry fits. */
export interface HealthSink {
  register(check: { readonly name: string; check(): Promise<void>; readonly critical?: boolean }): void;
}

export interface EventsOptions extends Partial<
  Pick<ConsumerOptions, 'group' | 'partitions' | 'lanes' | 'retry' | 'fromBeginning'>
> {
  /** The service's name; its consumer group, too, unless `group` says otherwise. */
  readonly service: string;
  readonly logger: Logger;
  readonly health: HealthSink;
}

/**
 * Everything a service needs to consume squad topics with `@EventPattern`: client, schemas, dead letters, and
 * its readiness, which names Kafka, the registry and the consumer apart.
 */
export const createKafkaEvents = (env: KafkaEnv, options: EventsOptions): KafkaEvents => {
  const { service, logger, health } = options;
  const settings = kafkaSettings(env);
  const registry = new SchemaRegistry(registrySettings(env));
  const serde = new EventSerde(registry, settings.topicPrefix);
  const producer = new EventProducer(settings, { service, serde, logger });
  const admin = createAdmin(settings, `${service}-health`);
  const events = new KafkaEvents(settings, { group: service, ...options, serde, producer }, async () => {
    await producer.close();
    await admin.close();
  });
  health.register({
    name: 'kafka',
    check: async () => {
      await admin.describeCluster();
    },
  });
  health.register({ name: 'registry', check: () => registry.health() });
  health.register({ name: 'consumer', check: () => events.health() });
  return events;
};
