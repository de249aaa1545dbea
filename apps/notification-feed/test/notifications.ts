import type { Notification } from '../src/core/notification.js';
import { kafkaOrigin } from '../src/core/origin.js';
import type { Entry } from '../src/ports.js';

type KafkaEntry = Required<Entry>;

/** An entry from Kafka. */
export const kafkaEntry = (coordinate: KafkaEntry['coordinate'], notification: Notification): KafkaEntry => ({
  origin: kafkaOrigin(coordinate),
  coordinate,
  notification,
});

/** An entry of the feed with an offset of its own choosing; everything else is the same unless told. */
export const entry = (
  offset: number,
  notification: Partial<Notification> = {},
  topic = 'settings.changed',
): KafkaEntry =>
  kafkaEntry(
    { topic, partition: offset % 6, offset: `${offset}` },
    {
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
  );

/** Entries with the offsets from `from` on. */
export const entries = (
  from: number,
  count: number,
  notification: Partial<Notification> = {},
): KafkaEntry[] => Array.from({ length: count }, (_, index) => entry(from + index, notification));
