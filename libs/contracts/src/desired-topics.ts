import type { SquadName } from './squads.js';
import type { TopicSpec } from './topic-spec.js';

/** A topic that should stand in a cluster. */
export interface DesiredTopic {
  readonly name: string;
  readonly owner: SquadName;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Configuration that is ours; the broker's names and forms. */
  readonly config: Readonly<Record<string, string>>;
  /** Whether configs that are not named are ours, too, and go back to the broker's defaults. */
  readonly strict: boolean;
  /** Whether it carries a squad's events, or those of `of` that could not be handled. */
  readonly role: { readonly kind: 'events' } | { readonly kind: 'dead-letters'; readonly of: string };
}

/** Name of the topic that takes the events of `topic` that could not be handled. */
export const deadLetterTopic = <T extends string>(topic: T): `${T}.dlq` => `${topic}.dlq`;

/** The dead-letter topic of a spec, as durable as the topic itself; undefined if nobody consumes the topic. */
export const dlqSpec = (spec: TopicSpec): DesiredTopic | undefined =>
  spec.deadLetter && {
    name: deadLetterTopic(spec.topic),
    owner: spec.owner,
    partitions: spec.deadLetter.partitions,
    replicationFactor: spec.replicationFactor,
    config: {
      ...Object.fromEntries(Object.entries(spec.config).filter(([name]) => inherited.has(name))),
      'cleanup.policy': 'delete',
      'retention.ms': String(spec.deadLetter.retentionMs),
      'max.message.bytes': String(
        Number(spec.config['max.message.bytes'] ?? brokerMessageBytes) + headerBytes,
      ),
    },
    strict: spec.strict,
    role: { kind: 'dead-letters', of: spec.topic },
  };

const inherited = new Set(['min.insync.replicas', 'segment.bytes']);

// A dead letter is the event plus headers that tell why: the largest event must fit, or it would block its partition.
const brokerMessageBytes = 1_048_588;
const headerBytes = 65_536;

/** Every topic the specs ask for, dead-letter topics included, by name. */
export const desiredTopics = (specs: readonly TopicSpec[]): readonly DesiredTopic[] =>
  specs
    .flatMap((spec): readonly (DesiredTopic | undefined)[] => [
      {
        name: spec.topic,
        owner: spec.owner,
        partitions: spec.partitions,
        replicationFactor: spec.replicationFactor,
        config: spec.config,
        strict: spec.strict,
        role: { kind: 'events' },
      },
      dlqSpec(spec),
    ])
    .filter((topic) => topic !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
