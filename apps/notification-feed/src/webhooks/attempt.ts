import { messageBody } from '../core/webhooks/message.js';
import { judge } from '../core/webhooks/judge.js';
import { signedHeaders } from '../core/webhooks/signature.js';
import type { KeyBox } from './key-box.js';
import type { WebhookMetrics } from './metrics.js';
import type { Claim, DeliveryStore, Outgoing, Sender, WebhookStore } from './ports.js';

const secondMs = 1_000;

/** Signs a message with the keys that a webhook has now. */
export const sign =
  (webhooks: WebhookStore, box: KeyBox) =>
  async (webhook: { id: string; url: string }, id: string, body: string, now: number): Promise<Outgoing> => {
    const keys = (await webhooks.keys(webhook.id)).map((key) => box.open(webhook.id, key));
    const timestamp = Math.floor(now / secondMs);
    return { url: webhook.url, body, headers: signedHeaders({ id, timestamp, body }, keys) };
  };

export interface AttemptParts {
  readonly webhooks: WebhookStore;
  readonly deliveries: DeliveryStore;
  readonly sender: Sender;
  readonly box: KeyBox;
  readonly metrics: WebhookMetrics;
  /** Milliseconds after each attempt of a round. */
  readonly retries: readonly number[];
}

/** Sends what was claimed, once, and writes down what came of it. */
export const attempt =
  ({ webhooks, deliveries, sender, box, metrics, retries }: AttemptParts) =>
  async (claim: Claim): Promise<'recorded' | 'disabled' | 'lost' | 'expired'> => {
    const { webhook, messageId, row } = claim;
    if (!row) {
      await deliveries.expire(claim);
      return 'expired';
    }
    const message = await sign(webhooks, box)(webhook, messageId, messageBody(row), Date.now());
    const result = await sender.send(message);
    const now = Date.now();
    const verdict = judge(result, claim, { now, retries, random: Math.random() });
    metrics.deliveries.inc({ outcome: verdict.outcome });
    metrics.duration.observe(result.durationMs / secondMs);
    if (verdict.outcome === 'delivered') {
      metrics.latency.observe({ since: 'happened' }, Math.max(0, now - row.happenedAt) / secondMs);
      metrics.latency.observe({ since: 'stored' }, Math.max(0, now - row.storedAt) / secondMs);
    }
    return deliveries.record(claim, result, verdict);
  };
