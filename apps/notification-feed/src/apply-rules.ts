import type { TopicName } from '@soma/contracts';
import { headerText, type ReceivedEvent } from '@soma/kafka';
import type { Logger } from '@soma/telemetry';
import { decideAll, keysOf } from './core/rules/batch.js';
import { isFeedTopic } from './core/rules/feed-topics.js';
import { match } from './core/rules/match.js';
import type { Rule, RuleEvent } from './core/rules/rule.js';
import { sourceOf } from './ingest.js';
import type { RuleStore, WakeUp } from './ports.js';
import type { RuleMetrics } from './rule-metrics.js';

const ruleEvent = (event: ReceivedEvent): RuleEvent | undefined => {
  if (!isFeedTopic(event.topic)) return undefined;
  const headers = Object.keys(event.headers).flatMap((name): [string, string][] => {
    const text = headerText(event.headers, name);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    topic: event.topic,
    coordinate: { topic: event.physicalTopic, partition: event.partition, offset: event.offset },
    key: event.key,
    headers: Object.fromEntries(headers),
    source: sourceOf(event),
    at: event.timestamp,
    value: event.value,
  };
};

export interface RulesAtWork {
  readonly rules: () => readonly Rule[];
  readonly store: RuleStore;
  readonly wakeUp: WakeUp;
  readonly metrics: RuleMetrics;
  readonly logger: Logger;
}

/** Has the rules decide on a batch of events of one partition, then wakes the streams; the caller commits offsets afterwards. */
export const applyRules =
  ({ rules, store, wakeUp, metrics, logger }: RulesAtWork) =>
  async <T extends TopicName>(received: readonly ReceivedEvent<T>[]): Promise<void> => {
    const active = rules();
    const events = received.flatMap((one) => ruleEvent(one as ReceivedEvent) ?? []);
    const asked = events.filter(({ topic }) => active.some((rule) => Object.hasOwn(rule.topics, topic)));
    if (asked.length === 0) return;
    const batch = asked.map((event) => match(active, event));
    const now = Date.now();
    const { notifications, outcomes } = await store.update(keysOf(batch), (state) =>
      decideAll(batch, state, now),
    );
    for (const { rule, outcome, error } of outcomes) {
      metrics.evaluations.inc({ rule, outcome });
      if (error !== undefined) logger.warn({ rule, reason: error }, 'a rule failed for an event');
    }
    if (notifications.some(({ heldUntil }) => heldUntil === undefined)) await wakeUp.announce();
  };

/** See {@link applyRules}. */
export type ApplyRules = ReturnType<typeof applyRules>;
