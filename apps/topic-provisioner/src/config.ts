import { kafkaEnv } from '@soma/kafka';
import { postgresEnv } from '@soma/postgres';
import { serviceEnv } from '@soma/service-kit';
import { z } from 'zod';
import { revertModes } from './reconciler.js';

/** Everything that the environment may say to this service. */
export const configSchema = z.object({
  ...serviceEnv,
  ...kafkaEnv,
  ...postgresEnv,
  SOMA_SCHEMAS_DIR: z.string().default('schemas').describe('directory of the catalogue'),
  SOMA_ENVIRONMENT: z.string().default('local').describe('name of an overlay in schemas/environments'),
  PROVISIONER_INTERVAL_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(60_000)
    .describe('milliseconds between two looks of the leader at the cluster, 1000 to 86400000'),
  PROVISIONER_REVERT: z
    .enum(revertModes)
    .default('none')
    .describe(
      'what drift the leader reverts by itself: none, or safe (the classes create and safe, which lose nothing)',
    ),
});

export type Config = z.output<typeof configSchema>;
