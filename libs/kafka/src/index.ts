export { createAdmin, describeBrokers } from './admin/admin.js';
export type * from './admin/types.js';
export { createClient } from './client.js';
export {
  kafkaEnv,
  type KafkaEnv,
  kafkaSettings,
  type KafkaSettings,
  registrySettings,
  type RegistrySettings,
} from './config.js';
export type { Handler } from './consumer/batch-run.js';
export { EventConsumer, type ConsumerOptions } from './consumer/consumer.js';
export { ReceivedEvent } from './consumer/received-event.js';
export type { RetryPolicy } from './consumer/retry.js';
export { EventInvalidError, isTransient, KafkaError, type KafkaErrorCode, TransientError } from './errors.js';
export { cloudEventHeaders, type EventHeaders, headerText } from './headers.js';
export {
  EventProducer,
  type Delivered,
  type ProducerOptions,
  type SendOptions,
} from './producer/producer.js';
export { RegistryRefusal } from './registry/connection.js';
export { type RegisteredSchema, type SchemaReference, SchemaRegistry } from './registry/registry.js';
export { type WholeSchema, WholeSchemas } from './registry/whole-schemas.js';
export { Decoder } from './serde/decoder.js';
export { Encoder } from './serde/encoder.js';
export { EventSerde, loadEncoder } from './serde/serde.js';
export { createKafkaEvents, type EventsOptions, type HealthSink } from './transport/create.js';
export { EventContext } from './transport/context.js';
export { EventPattern, type EventPatternExtras } from './transport/event-pattern.js';
export { KafkaEvents } from './transport/strategy.js';
