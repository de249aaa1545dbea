import type { Kafka } from 'kafkajs';
import type { KafkaConnection } from '../src/index.js';

export const client: (connection: KafkaConnection) => Kafka;
export const describe: (connection: KafkaConnection) => Promise<{ brokers: number }>;
export const upsertScram: (
  connection: KafkaConnection,
  users: readonly { name: string; password: string }[],
) => Promise<void>;
