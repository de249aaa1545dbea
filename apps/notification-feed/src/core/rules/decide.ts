import type { Notification } from '../notification.js';
import type { Context } from './expression.js';
import type { Match, Matches, RuleOutcome } from './match.js';
import { quietVerdict } from './quiet-hours.js';
import { withOffset, includes } from './ranges.js';
import { nothingSent, throttle } from './rate-limit.js';
import type { RuleEvent, Template } from './rule.js';
import { type RulesState, windowId, withEntry } from './state.js';
import { bodyText, type Filled, linkText, titleText } from './text.js';
import { Group } from './topic-cel.js';
import { addToWindow, emptyWindow, type WindowTotal } from './windows.js';

/** A notification that a rule wants stored. */
export interface Decided {
  /** `rule:<squad>/<rule>/<topic>/<partition>/<offset>`: storing it twice makes one row. */
  readonly origin: string;
  readonly coordinate: RuleEvent['coordinate'];
  readonly notification: Notification;
  /** Milliseconds since the epoch before which nobody wants to be disturbed; undefined: at once. */
  readonly heldUntil: number | undefined;
}

export interface Decision {
  readonly notifications: readonly Decided[];
  readonly state: RulesState;
  readonly outcomes: readonly RuleOutcome[];
}

const fill = (template: Template, context: Context): Filled =>
  template.map((part) => (typeof part === 'string' ? part : { value: part(context) }));

/** A text that cannot be written, such as one that asks for a label that is not there, must not cost the notification. */
const written = <T>(template: Template, context: Context, write: (parts: Filled) => T, or: T): T => {
  try {
    return write(fill(template, context));
  } catch {
    return or;
  }
};

const notificationOf = (
  { rule, on, window }: Match,
  event: RuleEvent,
  context: Context,
  extra: Readonly<Record<string, string>>,
): Notification => ({
  squads: rule.squads,
  source: event.source,
  kind: rule.text.kind,
  severity: rule.text.severity,
  title: written(on.title, context, titleText, rule.id),
  body: written(on.body, context, bodyText, 'The text of this rule does not fit the event.'),
  link: on.link ? written(on.link, context, linkText, null) : null,
  dedupeKey: `rule/${rule.id}/${window ? `${window.key.start}/${window.key.group}` : (event.key ?? '')}`,
  metadata: { rule: rule.id, topic: event.topic, ...extra },
  happenedAt: event.at,
});

interface Step {
  readonly state: RulesState;
  readonly outcome: RuleOutcome;
  readonly decided?: Decided;
}

const send = (one: Match, event: RuleEvent, context: Context, state: RulesState, now: number): Step => {
  const { id, text } = one.rule;
  const quiet = quietVerdict(text.quietHours, text.severity, now);
  if (quiet.then === 'drop') return { state, outcome: { rule: id, outcome: 'dropped' } };
  const before = state.sent.get(id) ?? nothingSent;
  const { allowed, sent } = text.rateLimit
    ? throttle(text.rateLimit, before, now)
    : { allowed: true, sent: before };
  const after = text.rateLimit ? { ...state, sent: withEntry(state.sent, id, sent) } : state;
  if (!allowed) return { state: after, outcome: { rule: id, outcome: 'limited' } };
  const extra = before.suppressed > 0 ? { suppressed: `${before.suppressed}` } : {};
  const { topic, partition, offset } = event.coordinate;
  const decided: Decided = {
    origin: `rule:${id}/${topic}/${partition}/${offset}`,
    coordinate: event.coordinate,
    notification: notificationOf(one, event, context, extra),
    heldUntil: quiet.then === 'hold' ? quiet.until : undefined,
  };
  return { state: after, outcome: { rule: id, outcome: quiet.then === 'hold' ? 'held' : 'sent' }, decided };
};

const grouped = (context: Context, total: WindowTotal, window: string, from: number): Context => ({
  ...context,
  group: new Group(total.count, total.sum, window, new Date(from)),
});

const step = (one: Match, event: RuleEvent, state: RulesState, now: number): Step => {
  const { rule, window, context } = one;
  const { group } = rule.text;
  if (!window || !group) return send(one, event, context, state, now);
  const id = windowId(window.key);
  const { crossed, total } = addToWindow(state.windows.get(id) ?? emptyWindow, window.amount, group.over);
  const counted = { ...state, windows: withEntry(state.windows, id, total) };
  if (!crossed) return { state: counted, outcome: { rule: rule.id, outcome: 'counted' } };
  return send(one, event, grouped(context, total, group.window.text, window.key.start), counted, now);
};

/** Decides what an event that matches means. An event whose offset was handled changes nothing. */
export const decide = ({ event, matches, outcomes }: Matches, state: RulesState, now: number): Decision => {
  const { topic, partition, offset } = event.coordinate;
  const place = `${topic}/${partition}`;
  const done = state.done.get(place) ?? [];
  if (includes(done, BigInt(offset))) return { notifications: [], state, outcomes: [] };
  let current: RulesState = {
    ...state,
    done: withEntry(state.done, place, withOffset(done, BigInt(offset))),
  };
  const notifications: Decided[] = [];
  const all: RuleOutcome[] = [...outcomes];
  for (const one of matches) {
    const { state: after, outcome, decided } = step(one, event, current, now);
    current = after;
    all.push(outcome);
    if (decided) notifications.push(decided);
  }
  return { notifications, state: current, outcomes: all };
};
