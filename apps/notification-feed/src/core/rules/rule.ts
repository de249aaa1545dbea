import type { SquadName } from '@soma/contracts';
import type { Expression } from './expression.js';
import type { FeedTopic } from './feed-topics.js';
import type { RuleText } from './rule-format.js';

/** A template whose expressions are checked. */
export type Template = readonly (string | Expression)[];

/** The expressions of a rule for the events of one topic. */
export interface RuleOnTopic {
  readonly when: Expression;
  readonly by: readonly Expression[];
  readonly sum: Expression | undefined;
  readonly title: Template;
  readonly body: Template;
  readonly link: Template | undefined;
}

/** A rule that can be evaluated. */
export interface Rule {
  /** `squad/name`: no other rule has it. */
  readonly id: string;
  /** Whom it tells: its own squad first. */
  readonly squads: readonly SquadName[];
  readonly text: RuleText;
  readonly topics: Partial<Readonly<Record<FeedTopic, RuleOnTopic>>>;
}

/** An event as rules see it. */
export interface RuleEvent {
  readonly topic: FeedTopic;
  readonly coordinate: { readonly topic: string; readonly partition: number; readonly offset: string };
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Service that produced it. */
  readonly source: string;
  /** When the record was written, in milliseconds since the epoch; says which window it falls into. */
  readonly at: number;
  readonly value: unknown;
}
