import { createHash } from 'node:crypto';
import type { Coordinate } from './notification.js';

/** Ways into the feed besides Kafka. */
export type OriginKind = 'http' | 'cloudevents' | 'alertmanager';

/** Idempotency key of an event: its place in the log. */
export const kafkaOrigin = ({ topic, partition, offset }: Coordinate): string =>
  `kafka:${topic}/${partition}/${offset}`;

/** Idempotency key of what was posted. Hashed: the parts may be of any length, and hold any separator. */
export const originOf = (kind: OriginKind, ...parts: readonly string[]): string =>
  `${kind}:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
