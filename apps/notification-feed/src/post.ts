import { createHash } from 'node:crypto';
import type { Entry, NotificationStore, Posted, WakeUp } from './ports.js';

/** A request that stores notifications. */
export interface PostRequest {
  readonly caller: string;
  /** Its `Idempotency-Key`, if it has one. */
  readonly key: string | undefined;
  /** What was asked for; the same key with something else is a conflict. */
  readonly asked: unknown;
  readonly entries: readonly Entry[];
}

/** Stores what a request brings, then wakes the streams. */
export const post =
  (store: NotificationStore, wakeUp: WakeUp) =>
  async ({ caller, key, asked, entries }: PostRequest): Promise<Posted> => {
    const fingerprint = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const posted: Posted =
      key === undefined
        ? { outcome: 'stored', placements: await store.append(entries) }
        : await store.appendOnce({ caller, key, fingerprint }, entries);
    if (posted.outcome === 'stored' && posted.placements.some(({ isNew }) => isNew)) await wakeUp.announce();
    return posted;
  };
