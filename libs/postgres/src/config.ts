import { z } from 'zod';

const defaultPool = 10;
const largestPool = 200;

/** The variables that libs/postgres reads; a service spreads them into its own schema. */
export const postgresEnv = {
  SOMA_POSTGRES_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('postgres://user:password@host:port/database'),
  SOMA_POSTGRES_CA_FILE: z
    .string()
    .optional()
    .describe('PEM file of the authority that signed the server; turns TLS on'),
  SOMA_POSTGRES_POOL: z.coerce
    .number()
    .int()
    .min(1)
    .max(largestPool)
    .default(defaultPool)
    .describe(`most connections of one process, 1 to ${largestPool}`),
};

/** How to reach one database. */
export type PostgresConfig = Pick<z.output<z.ZodObject<typeof postgresEnv>>, 'SOMA_POSTGRES_URL'> &
  Partial<z.output<z.ZodObject<typeof postgresEnv>>>;
