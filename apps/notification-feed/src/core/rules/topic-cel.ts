import { Environment } from '@marcbachmann/cel-js';
import { topics } from '@soma/contracts';
import { money } from '../notification.js';
import { type CelType, declareRecord, type RecordFields } from './avro-cel.js';
import { type FeedTopic, feedTopics } from './feed-topics.js';

/** The values that a window adds to an expression. */
export class Group {
  constructor(
    readonly count: bigint,
    readonly sum: bigint,
    readonly window: string,
    readonly from: Date,
  ) {}
}

/** What expressions over a topic's events may use. */
export interface TopicCel {
  readonly topic: FeedTopic;
  readonly event: CelType;
  /** The event and its surroundings. */
  readonly plain: Environment;
  /** The same, and `group`, for the texts of a rule that has one. */
  readonly grouped: Environment;
  readonly fields: RecordFields;
}

// A rule is a line or two; what is larger than this was made to hurt.
const limits = { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 200, maxMapEntries: 200 };

const create = (topic: FeedTopic): TopicCel => {
  const plain = new Environment({ unlistedVariablesAreDyn: false, limits });
  const { type, fields } = declareRecord(plain, topics[topic].schema);
  plain
    .registerType('Group', {
      ctor: Group,
      fields: { count: 'int', sum: 'int', window: 'string', from: 'google.protobuf.Timestamp' },
    })
    .registerVariable('event', type.name)
    .registerVariable('headers', 'map<string, string>')
    .registerVariable('topic', 'string')
    .registerVariable('key', 'dyn')
    .registerVariable('at', 'google.protobuf.Timestamp')
    .registerFunction('money(int, string): string', (micros: bigint, currency: string) =>
      money(micros, currency),
    )
    .registerFunction('string(google.protobuf.Timestamp): string', (time: Date) => time.toISOString());
  const grouped = plain.clone().registerVariable('group', 'Group');
  return { topic, event: type, plain, grouped, fields };
};

/** Each topic's, made once. */
export const topicCel: Readonly<Record<FeedTopic, TopicCel>> = Object.fromEntries(
  feedTopics.map((topic) => [topic, create(topic)]),
) as Record<FeedTopic, TopicCel>;
