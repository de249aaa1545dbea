import { routesOf } from './http/routes.js';
import type { RunningService } from './lifecycle/service.js';

export { routesOf } from './http/routes.js';
export type { Route } from './http/routes.js';

const unauthorized = 401;

/**
 * Knocks at every route of a service without a token and answers those that did not say 401, as `GET /health/live`: a
 * spec compares them with the list of routes that are meant to be public.
 */
export async function openRoutes({ app, url }: Pick<RunningService, 'app' | 'url'>): Promise<string[]> {
  const answers = await Promise.all(
    routesOf(app).map(async ({ method, path }) => {
      const abort = new AbortController();
      const { status } = await fetch(url + path.replaceAll(/[:*]\w*/g, 'x'), {
        method,
        signal: abort.signal,
      });
      // The status is enough: the body may be an endless stream.
      abort.abort();
      return { route: `${method} ${path}`, open: status !== unauthorized };
    }),
  );
  return answers
    .filter(({ open }) => open)
    .map(({ route }) => route)
    .sort();
}
