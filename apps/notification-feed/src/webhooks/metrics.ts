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
});

export type WebhookMetrics = ReturnType<typeof createWebhookMetrics>;
