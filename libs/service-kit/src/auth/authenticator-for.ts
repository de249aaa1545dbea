import type { Logger } from '@soma/telemetry';
import type { ServiceConfig } from '../config/service-env.js';
import { Authenticator } from './authenticator.js';
import { JwtTokens } from './jwt-tokens.js';
import { TokenFile } from './token-file.js';

const refreshMs = 300_000;

/**
 * Accepts the tokens that a service's configuration names.
 *
 * @throws ConfigError if the tokens file cannot be read or is invalid.
 */
export const authenticatorFor = async (config: ServiceConfig, logger: Logger): Promise<Authenticator> => {
  const { SOMA_AUTH_TOKENS_FILE: path, SOMA_JWKS_URL: url } = config;
  const { SOMA_JWT_ISSUER: issuer, SOMA_JWT_AUDIENCE: audience } = config;
  const authenticator = new Authenticator();
  if (path !== undefined) authenticator.register(await TokenFile.open(path, logger));
  if (url !== undefined && issuer !== undefined && audience !== undefined)
    authenticator.register(new JwtTokens({ url: new URL(url), issuer, audience, refreshMs, logger }));
  if (path === undefined && url === undefined)
    logger.warn('neither SOMA_AUTH_TOKENS_FILE nor SOMA_JWKS_URL is set: no token of theirs is accepted');
  return authenticator;
};
