import { createHash } from 'node:crypto';
import { DoesNotFit } from './avro-cel.js';
import type { Context } from './expression.js';
import type { Rule, RuleEvent, RuleOnTopic } from './rule.js';
import type { WindowKey } from './state.js';
import { topicCel } from './topic-cel.js';
import { windowStart } from './windows.js';

/** A rule whose condition an event fulfils. */
export interface Match {
  readonly rule: Rule;
  readonly on: RuleOnTopic;
  readonly context: Context;
  /** The window that the event counts into, and how much; undefined for a rule without a group. */
  readonly window: { readonly key: WindowKey; readonly amount: bigint } | undefined;
}

/** What became of a rule for an event. */
export type Outcome = 'unmatched' | 'failed' | 'counted' | 'sent' | 'held' | 'dropped' | 'limited';

export interface RuleOutcome {
  readonly rule: string;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly error?: string;
}

export interface Matches {
  readonly event: RuleEvent;
  readonly matches: readonly Match[];
  /** Of the rules that do not match, or could not be asked. */
  readonly outcomes: readonly RuleOutcome[];
}

// Before the year 9999: later ones are written in a form that not every reader of times takes.
const latest = 253_000_000_000_000;

const contextOf = ({ topic, key, headers, at, value }: RuleEvent): Context => {
  if (!(at >= -1 && at < latest))
    throw new DoesNotFit('at', `${at} does not fit`, 'a time from 1970 to 9987');
  return {
    event: topicCel[topic].event.read(value, 'event'),
    headers: new Map(Object.entries(headers)),
    topic,
    key,
    at: new Date(at),
  };
};

const longestName = 1_000;

/** A group's values as JSON; what is not told apart as text is not told apart. Names a row, which sets its length a limit. */
const groupName = (values: readonly unknown[]): string => {
  const name = JSON.stringify(values.map((value) => (value === null ? null : String(value as string))));
  return name.length <= longestName ? name : `sha256:${createHash('sha256').update(name).digest('hex')}`;
};

const windowOf = (rule: Rule, on: RuleOnTopic, context: Context, at: number): Match['window'] => {
  const { group } = rule.text;
  if (!group) return undefined;
  const values = on.by.map((expression) => expression(context));
  const amount = on.sum?.(context) ?? 1n;
  if (typeof amount !== 'bigint') throw new TypeError(`group.sum is no whole number but ${typeof amount}`);
  const start = windowStart(at, group.window.ms);
  const key = {
    rule: rule.id,
    group: groupName(values),
    start,
    end: start + group.window.ms,
  };
  return { key, amount };
};

const reason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

/** Asks each rule of the event's topic whether it is meant. Needs no state, so that it can run outside of a transaction. */
export const match = (rules: readonly Rule[], event: RuleEvent): Matches => {
  const asked = rules.flatMap((rule) => {
    const on = rule.topics[event.topic];
    return on ? [{ rule, on }] : [];
  });
  if (asked.length === 0) return { event, matches: [], outcomes: [] };
  const matches: Match[] = [];
  const outcomes: RuleOutcome[] = [];
  const failed = (rule: Rule, error: unknown) =>
    outcomes.push({ rule: rule.id, outcome: 'failed', error: reason(error) });
  let context: Context;
  try {
    context = contextOf(event);
  } catch (error) {
    for (const { rule } of asked) failed(rule, error);
    return { event, matches, outcomes };
  }
  for (const { rule, on } of asked) {
    try {
      if (on.when(context) === true)
        matches.push({ rule, on, context, window: windowOf(rule, on, context, event.at) });
      else outcomes.push({ rule: rule.id, outcome: 'unmatched' });
    } catch (error) {
      failed(rule, error);
    }
  }
  return { event, matches, outcomes };
};
