/** What somebody wants a token to be. */
export interface TokenWish {
  /** Whom it gives access to; `*` is all squads. */
  readonly squads: readonly string[];
  readonly scopes: readonly string[];
  /** What it is for. */
  readonly note: string;
  /** Milliseconds since the epoch; null for a token that does not expire. */
  readonly expiresAt: number | null;
}

/** A token as it is kept: everything but its text. Times are milliseconds since the epoch. */
export interface AccessToken extends TokenWish {
  readonly id: string;
  /** Id of the caller who made it. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
  /** Exact to a minute; null if it was never used. */
  readonly lastUsedAt: number | null;
}

/** Bytes of chance in a token. */
export const tokenBytes = 32;

/** The text of a token. The prefix tells people and secret scanners what it is. */
export const tokenText = (random: Uint8Array): string => `feed_${Buffer.from(random).toString('base64url')}`;

/** True if a text has the form of {@link tokenText}. */
export const isTokenText = (text: string): boolean => /^feed_[\w-]{43}$/.test(text);
