import type { Coordinate, Notification } from '../src/core/notification.js';

export interface Entry {
  readonly coordinate: Coordinate;
  readonly notification: Notification;
}

/** An entry of the feed with an offset of its own choosing; everything else is the same unless told. */
export const entry = (
  offset: number,
  notification: Partial<Notification> = {},
  topic = 'settings.changed',
): Entry => ({
  coordinate: { topic, partition: offset % 6, offset: `${offset}` },
  notification: {
    squads: ['*'],
    source: 'settings-api',
    kind: 'settings.changed',
    severity: 'info',
    title: `Notification ${offset}`,
    body: '',
    link: null,
    dedupeKey: `key/${offset}`,
    metadata: {},
    happenedAt: Date.UTC(2026, 5, 1) + offset,
    ...notification,
  },
});

/** Entries with the offsets from `from` on. */
export const entries = (from: number, count: number, notification: Partial<Notification> = {}): Entry[] =>
  Array.from({ length: count }, (_, index) => entry(from + index, notification));
