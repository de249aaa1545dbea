import { z } from 'zod';
import { gapReasons } from '../core/cursor.js';

const severity = z.enum(['info', 'warning', 'error', 'critical']);
const when = z.iso.datetime();
export const cursor = z
  .string()
  .regex(/^[0-9a-z]{8}\.\d{1,19}$/)
  .describe('<epoch>.<position>');

export const notificationAnswer = z.object({
  position: z.string().describe('64-bit number; grows along the feed'),
  origin: z.string().describe('what makes a repeat of the same notification the same row'),
  squads: z.array(z.string()).describe('whom it is addressed to; * is everybody'),
  source: z.string(),
  kind: z.string(),
  severity,
  title: z.string(),
  body: z.string(),
  link: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  dedupe_key: z.string(),
  happened_at: when,
  stored_at: when,
  event: z
    .object({ topic: z.string(), partition: z.int(), offset: z.string() })
    .nullable()
    .describe('where in Kafka it came from'),
});

export const gapAnswer = z.object({
  from: cursor,
  to: cursor,
  reason: z.enum(gapReasons),
  severities: z.array(severity).optional(),
});

/** `GET /v1/notifications`. */
export const listAnswer = z.object({
  notifications: z.array(notificationAnswer),
  cursor: cursor.describe('behind it is what is not on this page yet: the next `after`'),
  older: cursor.nullable().describe('the next `before`; null when there is nothing older, or oldest first'),
  gap: gapAnswer.optional().describe('what was behind the given cursor, and is not there any more'),
});

/** What was stored, in the order of the request. */
export const placementsAnswer = z.object({
  notifications: z.array(z.object({ position: z.string(), new: z.boolean() })),
});
