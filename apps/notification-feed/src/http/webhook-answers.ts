import { z } from 'zod';
import { severities } from '../core/webhooks/filter.js';
import type { MadeKey } from '../webhooks/key-box.js';
import type { Delivery, Webhook, WebhookKey } from '../webhooks/ports.js';

const when = z.iso.datetime();

const keyAnswer = z.object({
  id: z.uuid(),
  kind: z.enum(['hmac', 'ed25519']),
  public_key: z.string().nullable().describe('whpk_ and base64, of an ed25519 key'),
  created_at: when,
  expires_at: when.nullable(),
});

/** A key that was just made. */
export const madeKeyAnswer = keyAnswer
  .pick({ id: true, kind: true, public_key: true })
  .extend({ secret: z.string().optional().describe('whsec_ and base64, of an hmac key: shown this once') });

export const webhookAnswer = z.object({
  id: z.uuid(),
  squad: z.string(),
  url: z.string(),
  description: z.string(),
  filter: z.object({ kinds: z.array(z.string()), min_severity: z.enum(severities) }),
  state: z.enum(['active', 'disabled']),
  state_reason: z.enum(['requested', 'gone', 'failing']).nullable(),
  state_since: when,
  failing_since: when.nullable(),
  position: z.string().describe('up to where in the feed deliveries were made'),
  created_by: z.string(),
  created_at: when,
});

export const webhookWithKeysAnswer = webhookAnswer.extend({ keys: z.array(keyAnswer) });
export const createdWebhookAnswer = webhookAnswer.extend({ key: madeKeyAnswer });
export const webhooksAnswer = z.object({ webhooks: z.array(webhookAnswer) });
export const replayAnswer = z.object({
  position: z.string().describe('what is behind it is delivered again'),
});

export const deliveryAnswer = z.object({
  id: z.uuid(),
  webhook_id: z.string().describe('the header webhook-id of the message'),
  kind: z.string(),
  position: z.string().nullable().describe('in the feed; null for a test'),
  outcome: z.enum(['pending', 'delivered', 'failed']),
  created_at: when,
  next_attempt_at: when.nullable(),
  attempts: z.array(
    z.object({
      at: when,
      status: z.int().nullable(),
      error: z.string().nullable(),
      duration_ms: z.int(),
    }),
  ),
});

export const deliveriesAnswer = z.object({ deliveries: z.array(deliveryAnswer) });

const time = (at: number): string => new Date(at).toISOString();
const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at));

export const webhookView = (webhook: Webhook): z.input<typeof webhookAnswer> => ({
  id: webhook.id,
  squad: webhook.squad,
  url: webhook.url,
  description: webhook.description,
  filter: { kinds: [...webhook.filter.kinds], min_severity: webhook.filter.minSeverity },
  state: webhook.state,
  state_reason: webhook.stateReason,
  state_since: time(webhook.stateSince),
  failing_since: timeOrNull(webhook.failingSince),
  position: webhook.cursor,
  created_by: webhook.createdBy,
  created_at: time(webhook.createdAt),
});

export const keyView = (key: WebhookKey): z.input<typeof keyAnswer> => ({
  id: key.id,
  kind: key.kind,
  public_key: key.publicKey,
  created_at: time(key.createdAt),
  expires_at: timeOrNull(key.expiresAt),
});

export const madeKeyView = ({ key, secret }: MadeKey): z.input<typeof madeKeyAnswer> => ({
  id: key.id,
  kind: key.kind,
  public_key: key.publicKey,
  ...(secret !== undefined && { secret }),
});

export const deliveryView = (delivery: Delivery): z.input<typeof deliveryAnswer> => ({
  id: delivery.id,
  webhook_id: delivery.messageId,
  kind: delivery.kind,
  position: delivery.position,
  outcome: delivery.outcome,
  created_at: time(delivery.createdAt),
  next_attempt_at: timeOrNull(delivery.nextAttemptAt),
  attempts: delivery.attempts.map(({ at, status, error, durationMs }) => ({
    at: time(at),
    status,
    error,
    duration_ms: durationMs,
  })),
});
