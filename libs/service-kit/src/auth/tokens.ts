import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Caller } from './caller.js';

const tokensFile = z.strictObject({
  tokens: z.array(
    z.strictObject({
      id: z.string().min(1),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the token, 64 lower-case hex digits'),
      squads: z.array(z.string().min(1)),
      scopes: z.array(z.string().min(1)),
    }),
  ),
});

/** A token that is accepted: its hash and whom it stands for. */
export interface AcceptedToken {
  readonly digest: Buffer;
  readonly caller: Caller;
}

export type ParsedTokens =
  | { readonly ok: true; readonly tokens: readonly AcceptedToken[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the text of a tokens file; says everything that is wrong with it at once, and never shows its content. */
export function parseTokens(text: string): ParsedTokens {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problems: ['is no JSON'] };
  }
  const parsed = tokensFile.safeParse(json);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
    };
  }
  const tokens = parsed.data.tokens.map(({ id, sha256, squads, scopes }) => ({
    digest: Buffer.from(sha256, 'hex'),
    caller: new Caller(id, squads, scopes),
  }));
  return { ok: true, tokens };
}

/** Whom a presented token stands for. Takes as long for a wrong token as for a right one. */
export function findCaller(tokens: readonly AcceptedToken[], presented: string): Caller | undefined {
  const digest = createHash('sha256').update(presented).digest();
  let found: Caller | undefined;
  for (const token of tokens) {
    if (timingSafeEqual(token.digest, digest)) found ??= token.caller;
  }
  return found;
}
