import { logLevels } from '@soma/telemetry';
import { z } from 'zod';

const largestPort = 65_535;
/** Less than the 30 seconds that Kubernetes waits between SIGTERM and SIGKILL. */
export const defaultShutdownMs = 25_000;

/** The variables that every service reads; a service spreads them into its own schema. */
export const serviceEnv = {
  SOMA_HTTP_HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  SOMA_HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(largestPort)
    .default(0)
    .describe('port to listen on, 0 to 65535, where 0 takes any free one'),
  SOMA_LOG_LEVEL: z
    .enum(logLevels)
    .default('info')
    .describe(`one of ${logLevels.join(', ')}`),
  SOMA_AUTH_TOKENS_FILE: z
    .string()
    .optional()
    .describe('path of the JSON file with the hashed bearer tokens'),
  SOMA_SHUTDOWN_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(defaultShutdownMs)
    .describe('milliseconds that an orderly shutdown may take'),
};

/** What every service's configuration contains. */
export type ServiceConfig = z.output<z.ZodObject<typeof serviceEnv>>;
