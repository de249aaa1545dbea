import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Problem } from '../http/problem.js';
import type { Caller } from './caller.js';
import { type AuthenticatedRequest, publicKey, scopesKey } from './decorators.js';
import { TokenSource } from './token-file.js';

/**
 * Stands before every HTTP route that is not `@Public()`: no valid bearer token, no answer. Events from Kafka come
 * through their own strategy, where the broker has authenticated the client.
 */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenSource,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const kind = context.getType();
    if (kind !== 'http') return kind === 'rpc';
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(publicKey, targets)) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const caller = await this.authenticate(request.headers.authorization);
    const required = this.reflector.getAllAndMerge<string[]>(scopesKey, targets);
    const missing = required.filter((scope) => !caller.scopes.includes(scope));
    if (missing.length > 0) throw insufficientScope(missing);
    request.caller = caller;
    return true;
  }

  private async authenticate(authorization: string | undefined): Promise<Caller> {
    const token = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthorized('send the header Authorization: Bearer <token>', 'Bearer realm="soma"');
    const caller = await this.tokens.find(token);
    if (!caller)
      throw unauthorized('the token is not accepted', 'Bearer realm="soma", error="invalid_token"');
    return caller;
  }
}

const unauthorized = (detail: string, challenge: string): Problem =>
  new Problem(401, 'unauthorized', detail, { headers: { 'www-authenticate': challenge } });

function insufficientScope(missing: readonly string[]): Problem {
  const scope = missing.join(' ');
  const challenge = `Bearer realm="soma", error="insufficient_scope", scope="${scope}"`;
  return new Problem(403, 'insufficient-scope', `the token lacks the scope ${scope}`, {
    headers: { 'www-authenticate': challenge },
    fields: { missing_scopes: missing },
  });
}
