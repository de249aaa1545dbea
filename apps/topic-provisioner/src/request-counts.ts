import type { Servers } from './send.js';

/** Requests that were sent up to now, by call, to the brokers and to the registry. */
export const requestCounts = ({ admin, registry }: Servers): ReadonlyMap<string, number> =>
  new Map([...admin.requests, ...registry.requests]);

/** Requests of each call between two counts; calls without any are left out. */
export const requestsBetween = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> =>
  new Map(
    [...after].flatMap(([api, count]) => {
      const sent = count - (before.get(api) ?? 0);
      return sent > 0 ? [[api, sent] as const] : [];
    }),
  );
