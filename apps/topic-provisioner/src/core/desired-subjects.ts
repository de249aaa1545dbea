import {
  type CompatibilityLevel,
  compatibilityLevels,
  type SchemaRegistration,
  squads,
  type SquadName,
  type TopicSpec,
} from '@soma/contracts';
import { protectsAsMuch } from './compatibility.js';
import { referringTo } from './references.js';
import type { DesiredSubject } from './types.js';

type Registered = ReadonlyMap<string, SchemaRegistration | undefined>;

/** The weakest level that protects as much as each of these: BACKWARD and FORWARD make FULL. */
const levelOfAll = (levels: readonly CompatibilityLevel[]): CompatibilityLevel => {
  const enough = compatibilityLevels.filter((one) => levels.every((level) => protectsAsMuch(one, level)));
  return enough.find((one) => enough.every((other) => protectsAsMuch(other, one))) ?? 'FULL_TRANSITIVE';
};

/** The squad in whose folder the file of a type is. */
const ownerOf = ({ owner, schema }: TopicSpec, type: string): SquadName => {
  const file = schema?.references?.find(({ name }) => name === type)?.file ?? '';
  return squads.find((squad) => file.startsWith(`../${squad}/`)) ?? owner;
};

/**
 * The subjects of the topics' values and, before them, of the types that these refer to: each type once, after those that
 * it refers to, under the weakest level that protects as much as that of every topic that uses it.
 */
export const desiredSubjects = (
  specs: readonly TopicSpec[],
  registrations: Registered,
  prefix: string,
): readonly DesiredSubject[] => {
  const types = new Map<string, DesiredSubject>();
  const topics = specs.flatMap((spec): DesiredSubject[] => {
    const { topic, owner, schema } = spec;
    const registration = registrations.get(topic);
    if (!schema || !registration) return [];
    const level = schema.compatibility;
    const all = registration.references.map((one) => ({ ...one, subject: prefix + one.subject }));
    const shared = (subject: string, name: string): Omit<DesiredSubject, 'schema'> => {
      const { level: others = level, ...known } = types.get(subject) ?? {};
      const first = { subject, topic: prefix + topic, owner: ownerOf(spec, name) };
      return { ...first, ...known, level: levelOfAll([level, others]) };
    };
    for (const { name, subject, schema: text, references } of all) {
      const refersTo = referringTo(references, all);
      types.set(subject, { ...shared(subject, name), schema: text, ...(refersTo && { refersTo }) });
    }
    const refersTo = referringTo(registration.direct, all);
    return [schema.subject, ...(schema.aliases ?? [])].map((subject) => ({
      subject: prefix + subject,
      topic: prefix + topic,
      owner,
      schema: registration.schema,
      ...(refersTo && { refersTo }),
      level,
    }));
  });
  return [...types.values(), ...topics];
};
