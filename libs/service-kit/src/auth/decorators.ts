import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';

export const publicKey = 'soma:public';
export const scopesKey = 'soma:scopes';

/** A request that the guard let pass. */
export interface AuthenticatedRequest extends FastifyRequest {
  caller?: Caller;
}

/** Opens a route, or every route of a controller, to callers without a token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(publicKey, true);

/** Names the scopes that a caller needs, all of them, for a route or for every route of a controller. */
export const Scopes = (...scopes: readonly string[]): MethodDecorator & ClassDecorator =>
  SetMetadata(scopesKey, scopes);

/** The {@link Caller} of a guarded route, as a parameter of its handler. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!caller) throw new Error('a public route has no caller: remove @Public() or @CurrentCaller()');
  return caller;
});
