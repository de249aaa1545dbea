import type { ReceivedEvent } from '@soma/kafka';
import type { TopicName } from '@soma/contracts';
import { histogram } from '@soma/telemetry';

const secondMs = 1_000;

const lag = histogram({
  name: 'feed_ingest_seconds',
  help: 'Time from the record of an event in Kafka until its row is stored, or the rules have decided where it has none',
  labelNames: ['topic'],
  // Up to hours: what waited while the service or its database was away counts as well.
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3_600, 21_600],
});

/** Counts events that were taken in at this time (milliseconds since 1970). */
export const observeIngest = <T extends TopicName>(
  events: readonly ReceivedEvent<T>[],
  now: number,
): void => {
  for (const { topic, timestamp } of events) lag.observe({ topic }, Math.max(0, now - timestamp) / secondMs);
};
