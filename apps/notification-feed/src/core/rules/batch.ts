import { type Decided, decide } from './decide.js';
import type { Matches, RuleOutcome } from './match.js';
import { type RulesState, windowId, type WindowKey } from './state.js';

/** What of the state a batch of events touches. */
export interface StateKeys {
  readonly places: readonly { readonly topic: string; readonly partition: number }[];
  readonly windows: readonly WindowKey[];
  /** Ids of rules with a limit. */
  readonly rules: readonly string[];
}

export interface BatchDecision {
  readonly notifications: readonly Decided[];
  readonly state: RulesState;
  readonly outcomes: readonly RuleOutcome[];
}

const unique = <V>(values: readonly V[], key: (value: V) => string): readonly V[] => [
  ...new Map(values.map((value) => [key(value), value])).values(),
];

/** What has to be known before {@link decideAll}. */
export const keysOf = (batch: readonly Matches[]): StateKeys => {
  const matches = batch.flatMap((one) => one.matches);
  return {
    places: unique(
      batch.map(({ event: { coordinate } }) => ({
        topic: coordinate.topic,
        partition: coordinate.partition,
      })),
      ({ topic, partition }) => `${topic}/${partition}`,
    ),
    windows: unique(
      matches.flatMap(({ window }) => (window ? [window.key] : [])),
      windowId,
    ),
    rules: [...new Set(matches.flatMap(({ rule }) => (rule.text.rateLimit ? [rule.id] : [])))],
  };
};

/** Decides about the events of a batch, one after the other. */
export const decideAll = (batch: readonly Matches[], state: RulesState, now: number): BatchDecision => {
  let current = state;
  const notifications: Decided[] = [];
  const outcomes: RuleOutcome[] = [];
  for (const matches of batch) {
    const decision = decide(matches, current, now);
    current = decision.state;
    notifications.push(...decision.notifications);
    outcomes.push(...decision.outcomes);
  }
  return { notifications, state: current, outcomes };
};
