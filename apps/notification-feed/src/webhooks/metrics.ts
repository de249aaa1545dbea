import { counter, gauge, histogram } from '@soma/telemetry';

/** What is told about webhooks, for Prometheus. */
export const createWebhookMetrics = () => ({
  deliveries: counter({
    name: 'feed_webhook_deliveries_total',
    help: 'Attempts to deliver to webhooks, by what came of them: delivered, pending (tried again) or failed.',
    labelNames: ['outcome'],
  }),
  pending: gauge({
    name: 'feed_webhook_pending',
    help: 'Deliveries that wait for an attempt, in all replicas together.',
    labelNames: [],
  }),
  duration: histogram({
    name: 'feed_webhook_duration_seconds',
    help: 'How long receivers took for an attempt.',
    labelNames: [],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 15],
  }),
  latency: histogram({
    name: 'feed_webhook_delivery_seconds',
    help: 'Time until a receiver has taken a notification, since it happened and since it was stored. Replays count, too.',
    labelNames: ['since'],
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3_600, 21_600, 86_400],
  }),
});

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;
