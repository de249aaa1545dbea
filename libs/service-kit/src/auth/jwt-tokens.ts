import type { Logger } from '@soma/telemetry';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { Problem } from '../http/problem.js';
import { Caller } from './caller.js';
import { TokenSource } from './token-source.js';

const algorithms = ['EdDSA', 'RS256', 'ES256'];
/** Seconds that the clocks of the issuer and of this machine may differ. */
const clockTolerance = 30;
/** A key that is not known yet has the key set asked for again, at most this often. */
const cooldownMs = 5_000;
const timeoutMs = 3_000;

/** `header.payload.signature`. */
const jwtForm = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** What PostgreSQL, a log and a header can all hold. */
const plain = z.string().regex(/^[^\p{Cc}\p{Cs}]+$/u);
const names = z.union([plain.transform((name) => [name]), z.array(plain)]);
const claims = z.object({
  sub: plain,
  squad: names.default([]),
  squads: names.default([]),
  scope: plain.or(z.literal('')).default(''),
});

/** Whom verified claims stand for; undefined if they do not say who it is, and of which squad. */
export const callerOf = (payload: JWTPayload): Caller | undefined => {
  const { success, data } = claims.safeParse(payload);
  if (!success) return undefined;
  const squads = [...new Set([...data.squad, ...data.squads])];
  if (squads.length === 0) return undefined;
  return new Caller(data.sub, squads, data.scope.split(' ').filter(Boolean));
};

export interface JwtSettings {
  /** Of the key set. */
  readonly url: URL;
  readonly issuer: string;
  readonly audience: string;
  /** Age in milliseconds after which the key set is read again before it is used: what the issuer withdrew is forgotten. */
  readonly refreshMs: number;
  readonly logger: Logger;
}

/**
 * JWTs that a key of the issuer's key set signed. While the key set cannot be read, the keys that are known go on working,
 * and a token of another key is a 503.
 */
export class JwtTokens extends TokenSource {
  readonly #keys;
  /** Monotonic milliseconds. */
  #refreshAt = 0;

  constructor(private readonly settings: JwtSettings) {
    super();
    this.#keys = createRemoteJWKSet(settings.url, {
      cooldownDuration: cooldownMs,
      timeoutDuration: timeoutMs,
      // jose would forget what it knows, and wait for a key set that may be away.
      cacheMaxAge: Infinity,
    });
  }

  async find(token: string): Promise<Caller | undefined> {
    if (!jwtForm.test(token)) return undefined;
    const { issuer, audience, logger } = this.settings;
    try {
      const { payload } = await jwtVerify(token, this.#keyOf, {
        algorithms,
        issuer,
        audience,
        clockTolerance,
        requiredClaims: ['exp'],
      });
      return callerOf(payload);
    } catch (error) {
      if (error instanceof Problem) throw error;
      // Whatever else is wrong is wrong with the token, or with the one key that it names.
      logger.debug({ err: error }, 'a JWT is not accepted');
      return undefined;
    }
  }

  readonly #keyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      await this.#refresh();
      return await this.#keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      const detail = 'the key set (SOMA_JWKS_URL) that would know the key of this token cannot be read now';
      throw new Problem(503, 'key-set-unavailable', detail, {
        headers: { 'retry-after': `${cooldownMs / 1_000}` },
        cause: error,
      });
    }
  };

  /** One token in a while waits for this; those that come meanwhile are checked with the keys that are known. */
  async #refresh(): Promise<void> {
    const now = performance.now();
    if (now < this.#refreshAt) return;
    const known = this.#keys.jwks() !== undefined;
    this.#refreshAt = known ? now + cooldownMs : 0;
    try {
      await this.#keys.reload();
      this.#refreshAt = performance.now() + this.settings.refreshMs;
    } catch (error) {
      if (!known) throw error;
      this.settings.logger.warn({ err: error }, 'the key set cannot be read: its known keys go on working');
    }
  }
}
