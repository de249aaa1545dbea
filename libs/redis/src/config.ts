import { z } from 'zod';

/** The variables that libs/redis reads; a service spreads them into its own schema. */
export const redisEnv = {
  SOMA_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .describe('redis://user:password@host:port/0, or rediss:// for TLS'),
  SOMA_REDIS_CA_FILE: z
    .string()
    .optional()
    .describe('PEM file of the authority that signed the server of a rediss:// URL'),
};

/** How to reach Redis. */
export type RedisConfig = Pick<z.output<z.ZodObject<typeof redisEnv>>, 'SOMA_REDIS_URL'> &
  Partial<z.output<z.ZodObject<typeof redisEnv>>>;
