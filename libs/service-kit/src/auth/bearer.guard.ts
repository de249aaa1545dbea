import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Authenticator } from './authenticator.js';
import { type AuthenticatedRequest, publicKey, scopesKey } from './decorators.js';

/**
 * Stands before every HTTP route that is not `@Public()`: no valid bearer token, no answer. Events from Kafka come
 * through their own strategy, where the broker has authenticated the client.
 */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const kind = context.getType();
    if (kind !== 'http') return kind === 'rpc';
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(publicKey, targets)) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const required = this.reflector.getAllAndMerge<string[]>(scopesKey, targets);
    request.caller = await this.authenticator.authenticate(request.headers.authorization, required);
    return true;
  }
}
