import type { AccessToken } from '../core/access-token.js';

const when = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** A token as the API shows it. */
export const tokenView = (token: AccessToken) => ({
  id: token.id,
  squads: [...token.squads],
  scopes: [...token.scopes],
  note: token.note,
  created_by: token.createdBy,
  created_at: new Date(token.createdAt).toISOString(),
  expires_at: when(token.expiresAt),
  revoked_at: when(token.revokedAt),
  last_used_at: when(token.lastUsedAt),
});
