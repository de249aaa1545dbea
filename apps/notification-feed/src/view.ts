import type { Placement, StoredNotification } from './ports.js';

/** A notification as the API shows it: times in RFC 3339, names in snake case as in the events. */
export const notificationView = ({
  position,
  coordinate,
  dedupeKey,
  happenedAt,
  storedAt,
  ...rest
}: StoredNotification) => ({
  position,
  ...rest,
  dedupe_key: dedupeKey,
  happened_at: new Date(happenedAt).toISOString(),
  stored_at: new Date(storedAt).toISOString(),
  event: coordinate,
});

/** Where the notifications of a request are in the feed, in the order of the request. */
export const placementsView = (placements: readonly Placement[]) => ({
  notifications: placements.map(({ position, isNew }) => ({ position, new: isNew })),
});
