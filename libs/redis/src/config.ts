import { z } from 'zod';

/** The variables that libs/redis reads; a service spreads them into its own schema. */
export const redisEnv = {
  SOMA_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .describe('redis://user:password@host:port/0, or rediss:// for TLS'),
};

/** How to reach Redis. */
export type RedisConfig = z.output<z.ZodObject<typeof redisEnv>>;
