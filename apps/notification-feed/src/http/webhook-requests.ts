import { isSquad } from '@soma/contracts';
import { z } from 'zod';
import { severities } from '../core/webhooks/filter.js';

const id = z.uuid('an id: a UUID');

export const webhookParams = z.object({ id });
export const webhookKeyParams = z.object({ id, key: id });
export const webhookDeliveryParams = z.object({ id, delivery: id });

export const webhooksQuery = z.strictObject({
  squad: z.string().refine(isSquad, 'the name of a squad, such as identity-settings'),
});

const url = z.string().min(1).max(2_000).describe('where messages are sent: https');
const description = z.string().max(1_000);
const keyKind = z
  .enum(['hmac', 'ed25519'])
  .default('hmac')
  .describe('hmac: a secret that both sides know; ed25519: the receiver knows a public key');

const filter = z
  .strictObject({
    kinds: z
      .array(z.string().regex(/^[\w.:/+-]{1,198}(\.\*)?$/, 'a kind, or a prefix with .* behind it'))
      .max(50)
      .default([])
      .describe('empty: all of them'),
    min_severity: z.enum(severities).default('info'),
  })
  .describe('which notifications of the squad; all of them unless told');

/** `POST /v1/webhooks`. */
export const webhookBody = z.strictObject({
  squad: webhooksQuery.shape.squad,
  url,
  description: description.default(''),
  filter: filter.prefault({}),
  key_kind: keyKind,
});

/** `PATCH /v1/webhooks/{id}`. */
export const webhookChangeBody = z.strictObject({
  url: url.exactOptional(),
  description: description.exactOptional(),
  filter: filter.exactOptional(),
  enabled: z.boolean().exactOptional(),
});

/** `POST /v1/webhooks/{id}/keys`. */
export const webhookKeyBody = z.strictObject({
  kind: keyKind,
  overlap_seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(86_400)
    .describe('how long the other keys of this kind go on signing besides'),
});

/** `POST /v1/webhooks/{id}/replay`. */
export const webhookReplayBody = z.strictObject({
  since: z.iso.datetime({ offset: true, error: 'a time in RFC 3339, such as 2026-06-01T08:00:00Z' }),
});

/** `GET /v1/webhooks/{id}/deliveries`. */
export const webhookDeliveriesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: id.optional().describe('a delivery: what is older'),
});
