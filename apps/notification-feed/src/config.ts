import { kafkaEnv } from '@soma/kafka';
import { postgresEnv } from '@soma/postgres';
import { redisEnv } from '@soma/redis';
import { serviceEnv } from '@soma/service-kit';
import { z } from 'zod';

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
      'milliseconds after which rules are read again and held notifications released, 100 to 3600000',
    ),
});

export type Config = z.output<typeof configSchema>;
