import type { Logger } from 'pino';
import kafkajs from 'kafkajs';
import './kafkajs-timers.js';
import type { KafkaConfig, LogEntry } from 'kafkajs';
import type { KafkaSettings } from './config.js';

const pinoLevel = { 1: 'warn', 2: 'warn', 4: 'debug', 5: 'trace' } as const;

/**
 * Lines that say nothing to an operator: each failed request of a connection (whoever sent it retries it, and
 * reports what it gave up on), and that retries are limited (`PartitionLane` repeats them safely).
 */
const isNoise = (namespace: string, message: string): boolean =>
  namespace === 'Connection' || message.startsWith('Limiting retries for the idempotent producer');

/** kafkajs' log lines as pino lines; its errors are warnings here, because the caller has the last word. */
const logCreator =
  (logger: Logger) =>
  () =>
  ({ namespace, level, log }: LogEntry): void => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
    const known = pinoLevel[level as keyof typeof pinoLevel] ?? 'debug';
    const name = isNoise(namespace, message) ? 'debug' : known;
    logger[name]({ ...(fields as object), namespace }, `kafkajs: ${message}`);
  };

/**
 * The one place where a kafkajs client is made. Retries outlast a broker's session timeout: kafkajs' own
 * default (five from 300 ms) gives up while the cluster is still electing a leader.
 */
export const createClient = (
  settings: KafkaSettings,
  options: {
    readonly clientId: string;
    readonly logger: Logger;
    readonly retry?: KafkaConfig['retry'];
    /** How long a broker may take to answer, in milliseconds; 20,000 if left out. */
    readonly requestTimeoutMs?: number;
  },
): kafkajs.Kafka =>
  new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...settings.brokers],
    ...(settings.tlsCa && { ssl: settings.tlsCa.length > 0 ? { ca: [...settings.tlsCa] } : true }),
    ...(settings.username !== undefined && {
      sasl: { mechanism: 'scram-sha-512', username: settings.username, password: settings.password ?? '' },
    }),
    connectionTimeout: 3_000,
    authenticationTimeout: 5_000,
    requestTimeout: options.requestTimeoutMs ?? 20_000,
    retry: options.retry ?? { initialRetryTime: 100, maxRetryTime: 2_000, retries: 20 },
    logLevel: 4,
    logCreator: logCreator(options.logger),
  });
