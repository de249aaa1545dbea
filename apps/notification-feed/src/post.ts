import { createHash } from 'node:crypto';
import type { Entry, NotificationStore, Placement, Posted, WakeUp } from './ports.js';

/** Stores entries, then wakes the streams if there is something new. */
export const storeAndWake =
  (store: NotificationStore, wakeUp: WakeUp) =>
  async (entries: readonly Entry[]): Promise<readonly Placement[]> => {
    const placements = await store.append(entries);
    if (placements.some(({ isNew }) => isNew)) await wakeUp.announce();
    return placements;
  };

/** A request that stores notifications. */
export interface PostRequest {
  readonly caller: string;
  /** Its `Idempotency-Key`, if it has one. */
  readonly key: string | undefined;
  /** What was asked for; the same key with something else is a conflict. */
  readonly asked: unknown;
  readonly entries: readonly Entry[];
}

/** Stores what a request brings, once per key if it has one, then wakes the streams. */
export const post =
  (store: NotificationStore, wakeUp: WakeUp) =>
  async ({ caller, key, asked, entries }: PostRequest): Promise<Posted> => {
    if (key === undefined)
      return { outcome: 'stored', placements: await storeAndWake(store, wakeUp)(entries) };
    const fingerprint = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const posted = await store.appendOnce({ caller, key, fingerprint }, entries);
    if (posted.outcome === 'stored') await wakeUp.announce();
    return posted;
  };
