import { randomBytes, randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type Caller, CurrentCaller, InvalidRequest, Operation, Problem, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import type { AccessTokens } from '../adapters/access-tokens.js';
import { hashOf } from '../adapters/database-tokens.js';
import { tokenBytes, tokenText } from '../core/access-token.js';
import { ACCESS_TOKENS } from '../tokens.js';
import { requireAddressable } from './access.js';
import { madeTokenAnswer, tokenBody, tokenParams, tokensAnswer, tokensQuery } from './token-requests.js';
import { tokenView } from './token-view.js';

const scopes = ['feed:admin'] as const;
const unfit = { 400: 'the request does not fit', 503: 'the database does not answer' };

/** Tokens for squads: whoever makes one can give away no more than they have. */
@Controller('v1/tokens')
export class TokensController {
  constructor(@Inject(ACCESS_TOKENS) private readonly tokens: AccessTokens) {}

  @Post()
  @Header('cache-control', 'no-store')
  @Operation({
    scopes,
    summary: 'Makes a token and shows it, this once',
    body: tokenBody,
    status: 201,
    answer: madeTokenAnswer,
    problems: { ...unfit, 403: "squads or scopes beyond the caller's own" },
  })
  async make(
    @CurrentCaller() caller: Caller,
    @Body(new ZodPipe(tokenBody)) body: z.output<typeof tokenBody>,
  ): Promise<z.input<typeof madeTokenAnswer>> {
    const { squads, note, expires_at: expiresAt = null } = body;
    requireAddressable(caller, squads, 'token.issued');
    requireScopes(caller, body.scopes);
    if (expiresAt !== null && expiresAt <= Date.now())
      throw new InvalidRequest([{ path: 'expires_at', message: 'a time that is still to come' }]);
    const text = tokenText(randomBytes(tokenBytes));
    const wish = { squads, scopes: body.scopes, note, expiresAt };
    const made = { id: randomUUID(), sha256: hashOf(text), createdBy: caller.id };
    return { token: text, ...tokenView(await this.tokens.make({ ...made, ...wish })) };
  }

  @Get()
  @Operation({
    scopes,
    summary: "Tokens whose squads are all the caller's, newest first, revoked ones too",
    query: tokensQuery,
    answer: tokensAnswer,
    problems: unfit,
  })
  async list(
    @CurrentCaller() { squads }: Caller,
    @Query(new ZodPipe(tokensQuery)) { limit, before }: z.output<typeof tokensQuery>,
  ): Promise<z.input<typeof tokensAnswer>> {
    return { tokens: (await this.tokens.list({ squads, limit, before })).map(tokenView) };
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    scopes,
    summary: 'Revokes a token: it is refused within a second; revoking it again changes nothing',
    params: tokenParams,
    status: 204,
    problems: { ...unfit, 404: "there is no such token among those of the caller's squads" },
  })
  async revoke(
    @CurrentCaller() { id: actor, squads }: Caller,
    @Param(new ZodPipe(tokenParams)) { id }: z.output<typeof tokenParams>,
  ): Promise<void> {
    if (await this.tokens.revoke(id, { actor, squads })) return;
    throw new Problem(404, 'no-such-token', `there is no token ${id} that you may see`);
  }
}

const requireScopes = (caller: Caller, wanted: readonly string[]): void => {
  const foreign = wanted.filter((scope) => !caller.scopes.includes(scope));
  if (foreign.length === 0) return;
  const detail = `token ${caller.id} may not give away what it lacks: ${foreign.join(', ')}`;
  throw new Problem(403, 'scope-not-allowed', detail, { fields: { scopes: foreign } });
};
