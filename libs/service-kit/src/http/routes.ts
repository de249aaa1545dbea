import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** A route as the server knows it: `GET`, `/v1/items/:id`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

const tracked = new WeakMap<FastifyInstance, Route[]>();

/** Remembers each route that is added from now on, also those that a plugin adds past Nest and its guard. */
export function trackRoutes(server: FastifyInstance): void {
  const routes: Route[] = [];
  tracked.set(server, routes);
  server.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push({ method: each, path: url });
  });
}

/** Every route of a service. */
export const routesOf = (app: NestFastifyApplication): readonly Route[] =>
  tracked.get(app.getHttpAdapter().getInstance()) ?? [];
