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
  SOMA_JWKS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('URL of the key set (JWKS) whose keys sign the JWTs that are accepted'),
  SOMA_JWT_ISSUER: z
    .string()
    .optional()
    .describe('the claim iss of JWTs that are accepted; required with SOMA_JWKS_URL'),
  SOMA_JWT_AUDIENCE: z
    .string()
    .optional()
    .describe('the claim aud of JWTs that are accepted; required with SOMA_JWKS_URL'),
  SOMA_SHUTDOWN_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(defaultShutdownMs)
    .describe('milliseconds that an orderly shutdown may take'),
};

/** What every service's configuration contains. */
export type ServiceConfig = z.output<z.ZodObject<typeof serviceEnv>>;

/** The same schema with the rules over several variables of {@link serviceEnv}. */
export const checkedTogether = <S extends z.ZodObject & z.ZodType<ServiceConfig>>(schema: S): S =>
  // Without both, a token that the same keys signed for another service, or for nobody, would do.
  (['SOMA_JWT_ISSUER', 'SOMA_JWT_AUDIENCE'] as const).reduce(
    (checked, variable) =>
      checked.refine((config) => config.SOMA_JWKS_URL === undefined || config[variable] !== undefined, {
        path: [variable],
        message: 'required with SOMA_JWKS_URL',
        // Also when something else is wrong: everything is told at once.
        when: () => true,
      }),
    schema,
  );
