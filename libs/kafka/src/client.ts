import type { Logger } from 'pino';
import kafkajs from 'kafkajs';
import type { KafkaConfig, LogEntry } from 'kafkajs';
import type { KafkaSettings } from './config.js';

const pinoLevel = { 1: 'error', 2: 'warn', 4: 'debug', 5: 'trace' } as const;

/** kafkajs' log lines as pino lines: its INFO is our debug, its retries are not errors of ours. */
const logCreator =
  (logger: Logger) =>
  () =>
  ({ namespace, level, log }: LogEntry): void => {
    const { message, ...rest } = log;
    const { timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = rest as Record<string, unknown>;
    const name = pinoLevel[level as keyof typeof pinoLevel] ?? 'debug';
    // A lost connection or a rebalance is retried by the caller, which logs what it gave up on.
    logger[name === 'error' ? 'warn' : name]({ ...fields, namespace }, `kafkajs: ${message}`);
  };

/**
 * The one place where a kafkajs client is made. Retries outlast a broker's session timeout: kafkajs' own
 * default (five from 300 ms) gives up while the cluster is still electing a leader.
 */
export const createClient = (
  settings: KafkaSettings,
  options: { readonly clientId: string; readonly logger: Logger; readonly retry?: KafkaConfig['retry'] },
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
    requestTimeout: 20_000,
    retry: options.retry ?? { initialRetryTime: 100, maxRetryTime: 2_000, retries: 20 },
    logLevel: 4,
    logCreator: logCreator(options.logger),
  });
