import { counter, gauge, histogram } from '@soma/telemetry';
import { countByClass } from './core/drift.js';
import { type Change, changeClasses } from './core/types.js';

/** Metrics of the reconciler in this process; drift and lag are shown by the leader alone. */
export const reconcilerMetrics = () => ({
  leader: gauge({
    name: 'soma_provisioner_leader',
    help: '1 while this replica is the leader, 0 otherwise.',
  }),
  drift: gauge({
    name: 'soma_topic_drift',
    help: 'Differences between catalogue and cluster at the last plan, by class; shown by the leader.',
    labelNames: ['class'],
  }),
  planSeconds: histogram({
    name: 'soma_provisioner_plan_duration_seconds',
    help: 'How long the leader takes to read the cluster and to plan.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  }),
  requests: gauge({
    name: 'soma_provisioner_requests',
    help: 'Requests to brokers and registry that were sent during the last plan, by call.',
    labelNames: ['api'],
  }),
  plans: counter({
    name: 'soma_provisioner_plans_total',
    help: 'Plans of the leader by outcome: clean, drift, failed.',
    labelNames: ['outcome'],
  }),
  lag: gauge({
    name: 'soma_consumer_group_lag',
    help: 'Records of a declared topic that a group has not committed; shown by the leader.',
    labelNames: ['group', 'topic'],
  }),
  members: gauge({
    name: 'soma_consumer_group_members',
    help: 'Members of a group that read a declared topic; shown by the leader.',
    labelNames: ['group', 'topic'],
  }),
});

export type ReconcilerMetrics = ReturnType<typeof reconcilerMetrics>;

/** Shows the drift of a plan; a class without any is 0. */
export const showDrift = ({ drift }: ReconcilerMetrics, changes: readonly Change[]): void => {
  const counts = countByClass(changes);
  for (const name of changeClasses) drift.set({ class: name }, counts[name] ?? 0);
};

/** Takes back what only a leader may show. */
export const showNothing = ({ drift, lag, members }: ReconcilerMetrics): void => {
  for (const metric of [drift, lag, members]) metric.reset();
};
