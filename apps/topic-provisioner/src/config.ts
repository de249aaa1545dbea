import { kafkaEnv } from '@soma/kafka';
import { serviceEnv } from '@soma/service-kit';
import { z } from 'zod';

/** Everything that the environment may say to this service. */
export const configSchema = z.object({
  ...serviceEnv,
  ...kafkaEnv,
  SOMA_SCHEMAS_DIR: z.string().default('schemas').describe('directory of the catalogue'),
  SOMA_ENVIRONMENT: z.string().default('local').describe('name of an overlay in schemas/environments'),
});

export type Config = z.output<typeof configSchema>;
