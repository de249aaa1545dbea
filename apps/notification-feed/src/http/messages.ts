import { z } from 'zod';
import { testKind } from '../core/webhooks/message.js';
import { cursor, gapAnswer, notificationAnswer } from './answers.js';
import { cursor as anyCursor } from './requests.js';

/** What the service sends through WebSockets. */
export const webSocketMessages = {
  notification: z.object({ type: z.literal('notification'), cursor, notification: notificationAnswer }),
  gap: gapAnswer.extend({ type: z.literal('gap') }),
  cursor: z.object({ type: z.literal('cursor'), cursor: cursor.describe('nothing has happened up to here') }),
};

/** What a named consumer sends. */
export const ackMessage = z.object({
  type: z.literal('ack'),
  cursor: anyCursor.describe('everything up to here is done'),
});

/** The fields of a block of server-sent events; the data of one that has no event is nothing, and it moves the cursor on. */
export const sseFields = {
  notification: z.object({ id: cursor, event: z.literal('notification') }),
  gap: z.object({ id: cursor, event: z.literal('gap') }),
  cursor: z.object({ id: cursor }),
};

/** Headers of a webhook's message, by the Standard Webhooks specification. */
export const webhookHeaders = z.object({
  'webhook-id': z.string().describe('the same for every attempt and replay of the same notification'),
  'webhook-timestamp': z.string().regex(/^\d+$/).describe('seconds since 1970, of this attempt'),
  'webhook-signature': z
    .string()
    .regex(/^v1a?,[A-Za-z0-9+/=]+( v1a?,[A-Za-z0-9+/=]+)*$/)
    .describe('one for each key, with spaces between them: v1 is HMAC-SHA256, v1a is Ed25519'),
});

/** Bodies of a webhook's messages. */
export const webhookMessages = {
  notification: z.object({
    type: z.string().describe('the kind of the notification'),
    timestamp: z.iso.datetime().describe('when it happened'),
    data: notificationAnswer.omit({ origin: true }),
  }),
  test: z.object({
    type: z.literal(testKind),
    timestamp: z.iso.datetime(),
    data: z.object({ webhook: z.uuid(), squad: z.string() }),
  }),
};
