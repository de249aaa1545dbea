import { kafkaEnv } from '@soma/kafka';
import { postgresEnv } from '@soma/postgres';
import { redisEnv } from '@soma/redis';
import { serviceEnv } from '@soma/service-kit';
import { z } from 'zod';
import type { Retention } from './core/retention.js';
import { parseRange, type Range } from './core/webhooks/address.js';
import { defaultRetries, parseRetries } from './core/webhooks/retry.js';

const dayMs = 86_400_000;

const days = (fallback: number, severity: string) =>
  z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(fallback)
    .describe(
      `days for which notifications of severity ${severity} are kept, 1 to 3650; up to a week longer`,
    );

const webhookKeyBytes = 32;

const ranges = z.string().transform((text, context) =>
  text
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean)
    .flatMap((range): Range[] => {
      const parsed = parseRange(range);
      if (!parsed) context.addIssue(`${range} is no network such as 10.0.0.0/8`);
      return parsed ? [parsed] : [];
    }),
);

const retries = z.string().transform((text, context) => {
  const parsed = parseRetries(text);
  if (!parsed) context.addIssue('whole numbers with ms, s, m or h, such as 5s,5m,2h');
  return parsed ?? [];
});

/** Everything that the environment may say to this service. */
export const configSchema = z.object({
  ...serviceEnv,
  ...kafkaEnv,
  ...postgresEnv,
  ...redisEnv,
  FEED_POLL_MS: z.coerce
    .number()
    .int()
    .min(50)
    .max(60_000)
    .default(1_000)
    .describe('milliseconds after which a stream looks for news without a wake-up, 50 to 60000'),
  FEED_HEARTBEAT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(120_000)
    .default(15_000)
    .describe('milliseconds of silence after which a stream sends a heartbeat, 1000 to 120000'),
  FEED_CUT_OFF_MS: z.coerce
    .number()
    .int()
    .min(500)
    .max(60_000)
    .default(5_000)
    .describe('milliseconds without an answer of PostgreSQL after which streams are ended, 500 to 60000'),
  FEED_MAX_STREAMS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(20_000)
    .describe('most open streams of one replica, 1 to 100000'),
  FEED_RETENTION_DAYS_INFO: days(30, 'info'),
  FEED_RETENTION_DAYS_WARNING: days(90, 'warning'),
  FEED_RETENTION_DAYS_ERROR: days(180, 'error'),
  FEED_RETENTION_DAYS_CRITICAL: days(400, 'critical'),
  FEED_RULES_DIR: z
    .string()
    .min(1)
    .default('infra/feed')
    .describe('directory with the rules of the squads, <squad>.yaml; read again at SIGHUP'),
  FEED_RULES_POLL_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe(
      'milliseconds after which rules are read again, held notifications released, digests and escalations told, 100 to 3600000',
    ),
  FEED_WEBHOOK_KEY: z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((key) => key.length === webhookKeyBytes, 'has to be 32 bytes')
    .optional()
    .describe('32 random bytes in base64, under which the keys of webhooks are kept; none means no webhooks'),
  FEED_WEBHOOK_ALLOWED_RANGES: ranges
    .prefault('')
    .describe('networks besides the internet that webhooks may reach, also over http: 10.0.0.0/8,fd00::/8'),
  FEED_WEBHOOK_RETRIES: retries
    .prefault(defaultRetries)
    .describe('waits after the first failed attempt of a webhook, the second, and so on: 5s,5m,2h'),
  FEED_WEBHOOK_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(15_000)
    .describe('milliseconds that an attempt to deliver to a webhook may take, 100 to 60000'),
});

export type Config = z.output<typeof configSchema>;

/** How streams behave, as {@link Config} says. */
export const streamOptions = (config: Config) => ({
  pollMs: config.FEED_POLL_MS,
  heartbeatMs: config.FEED_HEARTBEAT_MS,
  cutOffMs: config.FEED_CUT_OFF_MS,
  maxReaders: config.FEED_MAX_STREAMS,
});

/** How long notifications are kept, in milliseconds, as {@link Config} says. */
export const retentionOf = (config: Config): Retention => ({
  info: config.FEED_RETENTION_DAYS_INFO * dayMs,
  warning: config.FEED_RETENTION_DAYS_WARNING * dayMs,
  error: config.FEED_RETENTION_DAYS_ERROR * dayMs,
  critical: config.FEED_RETENTION_DAYS_CRITICAL * dayMs,
});
