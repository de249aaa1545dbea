import { type Catalogue, desiredTopics, environmentSpecs, servicePrincipals } from '@soma/contracts';
import { declaredAcls, provisionerAcls, serviceAcls, uniqueAcls } from './acls.js';
import { defaultUser } from './plan-access.js';
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
  const quotas = catalogue.overlays[environment]?.quotas ?? {};
  return {
    topics: desiredTopics(specs).map((topic) => ({ ...topic, name: prefix + topic.name })),
    subjects: specs.flatMap(({ topic, owner, schema }) =>
      schema
        ? [schema.subject, ...(schema.aliases ?? [])].map((subject) => ({
            subject: prefix + subject,
            topic: prefix + topic,
            owner,
            schema: JSON.stringify(schemas.get(topic)),
            level: schema.compatibility,
          }))
        : [],
    ),
    acls: uniqueAcls([
      ...provisionerAcls(provisionerService, prefix),
      ...serviceAcls(servicePrincipals(specs), prefix),
      ...declaredAcls(specs, prefix),
    ]),
    quotas: Object.entries(quotas).map(([service, values]) => ({
      user: service === defaultUser ? null : service,
      values,
    })),
  };
};
