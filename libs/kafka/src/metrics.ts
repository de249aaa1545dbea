import { counter, gauge } from '@soma/telemetry';

/** Metrics of every consumer in this process. */
export const consumerMetrics = () => ({
  events: counter({
    name: 'soma_events_consumed_total',
    help: 'Events by what became of them: handled, retried (each try again), deadLettered.',
    labelNames: ['topic', 'group', 'outcome'],
  }),
  lag: gauge({
    name: 'soma_consumer_lag',
    help: 'Events between the last finished batch and the end of the partition.',
    labelNames: ['topic', 'partition', 'group'],
  }),
});
