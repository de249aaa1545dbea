import { createHash } from 'node:crypto';
import type { Notification } from '../notification.js';
import { matchesKind } from './kind-pattern.js';

/** What a person does not want to see; what is null does not matter. */
export interface MuteMatcher {
  /** A kind, or all that begin alike: `drill.*`. */
  readonly kind: string | null;
  readonly source: string | null;
  readonly dedupeKey: string | null;
}

/** Times in milliseconds since the epoch. */
export interface Mute extends MuteMatcher {
  readonly id: string;
  /** The end of it; null: until it is taken back. */
  readonly until: number | null;
  readonly createdAt: number;
}

/** The same for the same matcher: muting twice is muting once. */
export const muteId = ({ kind, source, dedupeKey }: MuteMatcher): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, source, dedupeKey]))
    .digest('hex')
    .slice(0, 32);

/** True if all of what the matcher names is so. */
export const mutes = (
  { kind, source, dedupeKey }: MuteMatcher,
  notification: Pick<Notification, 'kind' | 'source' | 'dedupeKey'>,
): boolean =>
  (kind === null || matchesKind(kind, notification.kind)) &&
  (source === null || source === notification.source) &&
  (dedupeKey === null || dedupeKey === notification.dedupeKey);
