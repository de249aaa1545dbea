import type { SquadName } from './squads.js';
import { deadLetterTopic } from './desired-topics.js';
import type { ServiceReference, TopicSpec } from './topic-spec.js';

/** A service and all that the catalogue lets it do; its access rights follow from nothing else. */
export interface ServicePrincipal {
  readonly service: string;
  readonly squad: SquadName;
  /** Topics it writes, by name. */
  readonly produces: readonly string[];
  /** Prefixes of the transactional ids it may use. */
  readonly transactionalIds: readonly string[];
  /** Topics it reads, and the prefix of the consumer groups it reads them in. */
  readonly consumes: readonly { readonly topic: string; readonly group: string }[];
  /** Dead-letter topics it writes: those of the topics it reads. */
  readonly deadLetters: readonly string[];
}

/** The services that the specs name, each once, by name. */
export const servicePrincipals = (specs: readonly TopicSpec[]): readonly ServicePrincipal[] => {
  const byTopic = specs.toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  const references = byTopic.flatMap((spec) => [...spec.producers, ...spec.consumers]);
  const squadOf = new Map(references.map(({ service, squad }) => [service, squad]));
  return [...squadOf]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, squad]) => {
      const own = <T extends ServiceReference>(references: readonly T[]): readonly T[] =>
        references.filter((one) => one.service === service);
      const produces = byTopic.flatMap((spec) =>
        own(spec.producers).map((one) => ({ topic: spec.topic, ...one })),
      );
      const consumes = byTopic.flatMap((spec) =>
        own(spec.consumers).map(({ group }) => ({ topic: spec.topic, group })),
      );
      return {
        service,
        squad,
        produces: produces.map(({ topic }) => topic),
        transactionalIds: [...new Set(produces.flatMap(({ transactionalId }) => transactionalId ?? []))],
        consumes,
        deadLetters: [...new Set(consumes.map(({ topic }) => deadLetterTopic(topic)))],
      };
    });
};
