import { allRules, loadRules } from '../src/core/rules/load-rules.js';
import type { FeedTopic } from '../src/core/rules/feed-topics.js';
import type { Rule, RuleEvent } from '../src/core/rules/rule.js';

/** The rules of a file of identity-settings; throws if it has a problem. */
export const rulesOf = (rules: readonly object[]): readonly Rule[] => {
  const text = JSON.stringify({ squad: 'identity-settings', rules });
  const loaded = loadRules([{ path: 'identity-settings.yaml', text }]);
  if (loaded.problems.length > 0) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return allRules(loaded.rules);
};

/** A rule on billing.events that matches everything; everything can be said otherwise. */
export const billingRule = (other: object = {}): object => ({
  name: 'spend',
  on: 'billing.events',
  when: 'true',
  kind: 'billing.threshold',
  severity: 'warning',
  title: 'Spent',
  body: '',
  ...other,
});

/** 1 June 2026, 08:00 UTC. */
export const eight = Date.UTC(2026, 5, 1, 8);

const billing = {
  event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
  tenant_id: 'acme',
  service: 'slm-gateway',
  cost: 10,
  currency: 'EUR',
  tokens: 900,
  capsule_id: null,
  metadata: {},
  at: eight,
};

/** An event with a value of its own choosing. */
export const ruleEvent = (
  topic: FeedTopic,
  offset: number,
  value: object,
  { at = eight, partition = 0 }: { readonly at?: number; readonly partition?: number } = {},
): RuleEvent => ({
  topic,
  coordinate: { topic, partition, offset: `${offset}` },
  key: 'acme',
  headers: { ce_source: '/soma/billing-meter' },
  source: 'billing-meter',
  at,
  value,
});

/** A charge. */
export const charge = (
  offset: number,
  value: Partial<typeof billing> = {},
  place: { readonly at?: number; readonly partition?: number } = {},
): RuleEvent => ruleEvent('billing.events', offset, { ...billing, ...value }, place);
