import { counter, gauge } from '@soma/telemetry';

/** What is told about rules, for Prometheus. */
export const createRuleMetrics = () => ({
  evaluations: counter({
    name: 'feed_rule_evaluations_total',
    help: 'Events that a rule was asked about, by what came of it.',
    labelNames: ['rule', 'outcome'],
  }),
  active: gauge({ name: 'feed_rules', help: 'Rules that are active.', labelNames: [] }),
  broken: gauge({
    name: 'feed_rule_files_broken',
    help: 'Rule files with a problem, of which the last good rules stay active.',
    labelNames: [],
  }),
});

export type RuleMetrics = ReturnType<typeof createRuleMetrics>;
