import type { Postgres } from '@soma/postgres';
import type { AccessToken, TokenWish } from '../core/access-token.js';
import { auditIn } from './audit-outbox.js';

interface Row {
  readonly id: string;
  readonly squads: string[];
  readonly scopes: string[];
  readonly note: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
}

const columns = 'id, squads, scopes, note, created_by, created_at, expires_at, revoked_at, last_used_at';
/** Whether squads cover those of a row. */
const covers = (parameter: string): string => `('*' = ANY(${parameter}) OR squads <@ ${parameter})`;

const tokenOf = (row: Row): AccessToken => ({
  id: row.id,
  squads: row.squads,
  scopes: row.scopes,
  note: row.note,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at?.getTime() ?? null,
  revokedAt: row.revoked_at?.getTime() ?? null,
  lastUsedAt: row.last_used_at?.getTime() ?? null,
});

/** A token on its way into the table. */
export interface NewToken extends TokenWish {
  readonly id: string;
  /** Of its text. */
  readonly sha256: Buffer;
  readonly createdBy: string;
}

/** Which tokens a caller sees: those whose squads are all among the caller's. */
export interface TokenPage {
  readonly squads: readonly string[];
  readonly limit: number;
  /** Id of a token: only what is older. */
  readonly before: string | undefined;
}

/** Tokens in PostgreSQL. */
export const createAccessTokens = (postgres: Postgres) => ({
  /** Stores a token, and has its making audited. */
  make: (token: NewToken): Promise<AccessToken> =>
    postgres.transaction(async (transaction) => {
      const { id, sha256, squads, scopes, note, createdBy, expiresAt } = token;
      const expires = expiresAt === null ? null : new Date(expiresAt).toISOString();
      const { rows } = await transaction.query<Row>(
        `INSERT INTO access_token (id, sha256, squads, scopes, note, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`,
        [id, sha256, squads, scopes, note, createdBy, expires],
      );
      const subject = `feed-token/${id}`;
      await auditIn(transaction, { actor: createdBy, action: 'token.issued', subject, outcome: 'success' });
      return tokenOf(rows[0] as Row);
    }),

  /** Newest first. */
  list: async ({ squads, limit, before }: TokenPage): Promise<AccessToken[]> => {
    const { rows } = await postgres.query<Row>(
      `SELECT ${columns} FROM access_token
        WHERE ${covers('$1::text[]')}
          AND ($2::text IS NULL OR (created_at, id) < (SELECT created_at, id FROM access_token WHERE id = $2))
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      [squads, before ?? null, limit],
    );
    return rows.map(tokenOf);
  },

  /** Revokes a token, and has that audited, once; answers whether there is one that the squads cover. */
  revoke: (
    id: string,
    by: { readonly actor: string; readonly squads: readonly string[] },
  ): Promise<boolean> =>
    postgres.transaction(async (transaction) => {
      const mine = `id = $1 AND ${covers('$2::text[]')}`;
      const revoked = await transaction.query(
        `UPDATE access_token SET revoked_at = clock_timestamp() WHERE ${mine} AND revoked_at IS NULL`,
        [id, by.squads],
      );
      if (revoked.rowCount > 0) {
        const event = { actor: by.actor, action: 'token.revoked', subject: `feed-token/${id}` };
        await auditIn(transaction, { ...event, outcome: 'success' });
        return true;
      }
      const known = await transaction.query(`SELECT FROM access_token WHERE ${mine}`, [id, by.squads]);
      return known.rowCount > 0;
    }),
});

/** See {@link createAccessTokens}. */
export type AccessTokens = ReturnType<typeof createAccessTokens>;
