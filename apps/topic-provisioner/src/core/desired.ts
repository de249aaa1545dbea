import { type Catalogue, desiredTopics, environmentSpecs, servicePrincipals } from '@soma/contracts';
import { provisionerAcls, serviceAcls } from './acls.js';
import type { Desired } from './types.js';

/** Service name, and Kafka user, of the topic-provisioner. */
export const provisionerService = 'topic-provisioner';

export interface DesiredOptions {
  readonly environment: string;
  /** Put before every topic, subject and group name; empty in production. */
  readonly prefix: string;
}

/** What a catalogue asks for in an environment; undefined when it has no overlay of that name. */
export const desiredState = (
  catalogue: Catalogue,
  { environment, prefix }: DesiredOptions,
): Desired | undefined => {
  const specs = environmentSpecs(catalogue, environment);
  if (!specs) return undefined;
  const schemas = new Map(catalogue.topics.map(({ spec, schema }) => [spec.topic, schema]));
  return {
    topics: desiredTopics(specs).map((topic) => ({ ...topic, name: prefix + topic.name })),
    subjects: specs.flatMap(({ topic, schema }) =>
      schema
        ? [
            {
              subject: prefix + schema.subject,
              topic: prefix + topic,
              schema: JSON.stringify(schemas.get(topic)),
              level: schema.compatibility,
            },
          ]
        : [],
    ),
    acls: [...provisionerAcls(provisionerService, prefix), ...serviceAcls(servicePrincipals(specs), prefix)],
  };
};
