import {
  type Catalogue,
  desiredTopics,
  environmentSpecs,
  registrationOf,
  servicePrincipals,
} from '@soma/contracts';
import { declaredAcls, provisionerAcls, serviceAcls, uniqueAcls } from './acls.js';
import { desiredSubjects } from './desired-subjects.js';
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
  const registrations = new Map(catalogue.topics.map((topic) => [topic.spec.topic, registrationOf(topic)]));
  const quotas = catalogue.overlays[environment]?.quotas ?? {};
  return {
    topics: desiredTopics(specs).map((topic) => ({ ...topic, name: prefix + topic.name })),
    subjects: desiredSubjects(specs, registrations, prefix),
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
