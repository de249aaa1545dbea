import { createHash } from 'node:crypto';
import type { Postgres } from '@soma/postgres';
import { Caller, TokenSource } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { isTokenText } from '../core/access-token.js';

/** What is kept of a token's text. */
export const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const find = `
  SELECT id, squads, scopes, coalesce(last_used_at < now() - interval '1 minute', true) AS used_anew
    FROM access_token
   WHERE sha256 = $1 AND revoked_at IS NULL AND coalesce(expires_at > now(), true)`;

const touch = `
  UPDATE access_token SET last_used_at = now()
   WHERE id = $1 AND coalesce(last_used_at < now() - interval '1 minute', true)`;

interface Row {
  readonly id: string;
  readonly squads: string[];
  readonly scopes: string[];
  readonly used_anew: boolean;
}

/** The tokens that the feed gave out; the id of the token is the caller's. */
export class DatabaseTokens extends TokenSource {
  constructor(
    private readonly postgres: Postgres,
    private readonly logger: Logger,
  ) {
    super();
  }

  /** @throws PostgresUnavailable, which is a 503. */
  async find(token: string): Promise<Caller | undefined> {
    if (!isTokenText(token)) return undefined;
    const { rows } = await this.postgres.query<Row>(find, [hashOf(token)]);
    const [row] = rows;
    if (!row) return undefined;
    if (row.used_anew) this.#touch(row.id);
    return new Caller(row.id, row.squads, row.scopes);
  }

  /** Behind the request: nobody waits for it, and a request does not fail with it. */
  #touch(id: string): void {
    this.postgres.query(touch, [id]).catch((error: unknown) => {
      this.logger.warn({ err: error, token: id }, 'could not note that a token was used');
    });
  }
}
