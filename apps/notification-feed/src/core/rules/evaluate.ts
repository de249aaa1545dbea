import { type Decision, decide } from './decide.js';
import { match } from './match.js';
import type { Rule, RuleEvent } from './rule.js';
import type { RulesState } from './state.js';

/** What rules make of one event. `now`, in milliseconds since the epoch, says whether it is quiet, and what was sent lately. */
export const evaluate = (
  rules: readonly Rule[],
  event: RuleEvent,
  state: RulesState,
  now: number,
): Decision => decide(match(rules, event), state, now);
