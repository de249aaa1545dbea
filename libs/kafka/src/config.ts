import { readFileSync } from 'node:fs';
import { z } from 'zod';

const brokerList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((broker) => broker.trim())
      .filter(Boolean),
  )
  .refine((brokers) => brokers.length > 0 && brokers.every((broker) => /^[^\s:]+:\d+$/.test(broker)), {
    message: 'host:port[,host:port…]',
  });

/** The environment variables that libs/kafka reads; a service spreads them into its own schema. */
export const kafkaEnv = {
  SOMA_KAFKA_BROKERS: brokerList.describe('bootstrap brokers, host:port[,host:port…]'),
  SOMA_KAFKA_USERNAME: z.string().min(1).optional().describe('SCRAM-SHA-512 user; none means no SASL'),
  SOMA_KAFKA_PASSWORD: z.string().min(1).optional().describe('password of SOMA_KAFKA_USERNAME'),
  SOMA_KAFKA_TLS: z.stringbool().default(false).describe('true or false'),
  SOMA_KAFKA_CA_FILE: z.string().optional().describe('PEM file of the authority that signed the brokers'),
  SOMA_TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]*$/)
    .default('')
    .describe('prefix of every topic and consumer group, for a cluster that is shared'),
  SOMA_REGISTRY_URL: z.url().describe('Confluent-compatible schema registry'),
  SOMA_REGISTRY_USERNAME: z.string().optional().describe('basic-auth user of the registry'),
  SOMA_REGISTRY_PASSWORD: z.string().optional().describe('basic-auth password of the registry'),
};

export type KafkaEnv = z.output<z.ZodObject<typeof kafkaEnv>>;

/** How to reach one cluster: what every client in this library is made from. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** PEM certificates to trust; an empty list trusts the system's authorities; absent means plaintext. */
  readonly tlsCa?: readonly string[];
  /** Put before each topic and group name; empty in production. */
  readonly topicPrefix: string;
}

export interface RegistrySettings {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** Turns validated environment variables into settings; reads the CA file, throws if it cannot. */
export const kafkaSettings = (
  env: Partial<KafkaEnv> & Pick<KafkaEnv, 'SOMA_KAFKA_BROKERS'>,
): KafkaSettings => ({
  brokers: env.SOMA_KAFKA_BROKERS,
  ...(env.SOMA_KAFKA_USERNAME && {
    username: env.SOMA_KAFKA_USERNAME,
    password: env.SOMA_KAFKA_PASSWORD ?? '',
  }),
  ...(env.SOMA_KAFKA_TLS && {
    tlsCa: env.SOMA_KAFKA_CA_FILE ? [readFileSync(env.SOMA_KAFKA_CA_FILE, 'utf8')] : [],
  }),
  topicPrefix: env.SOMA_TOPIC_PREFIX ?? '',
});

/** The registry's part of the same variables. */
export const registrySettings = (
  env: Pick<KafkaEnv, 'SOMA_REGISTRY_URL'> & Partial<KafkaEnv>,
): RegistrySettings => ({
  url: env.SOMA_REGISTRY_URL,
  ...(env.SOMA_REGISTRY_USERNAME && {
    username: env.SOMA_REGISTRY_USERNAME,
    password: env.SOMA_REGISTRY_PASSWORD ?? '',
  }),
});
