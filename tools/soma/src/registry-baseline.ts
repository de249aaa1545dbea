import {
  readTopics,
  type SchemaVersion,
  type SourceFile,
  type TopicBefore,
  wholeSchema,
} from '@soma/catalogue';
import type { RegisteredSchema, SchemaRegistry } from '@soma/kafka';

/** Texts of the types that a registered schema refers to, and of those that they refer to. */
const referencesOf = async (
  registry: SchemaRegistry,
  { references = [] }: RegisteredSchema,
): Promise<readonly string[]> => {
  const texts: string[] = [];
  for (const { subject, version } of references) {
    const found = await registry.version(subject, version);
    if (found) texts.push(...(await referencesOf(registry, found)), found.schema);
  }
  return texts;
};

const versionsOf = async (
  registry: SchemaRegistry,
  subject: string,
  labelOf: (version: number) => string,
): Promise<readonly SchemaVersion[]> => {
  const versions: SchemaVersion[] = [];
  for (const number of await registry.versions(subject)) {
    const found = await registry.version(subject, number);
    const schema = found && wholeSchema(found.schema, await referencesOf(registry, found));
    if (schema) versions.push({ label: labelOf(number), schema });
  }
  return versions;
};

/**
 * What a registry holds for the topics of the catalogue: the level in force and every version, also under the aliases of
 * their subjects. `prefix` stands before each subject. Throws what {@link SchemaRegistry} throws.
 */
export const registryBaseline = async (
  registry: SchemaRegistry,
  files: readonly SourceFile[],
  prefix: string,
): Promise<ReadonlyMap<string, TopicBefore>> => {
  const before = new Map<string, TopicBefore>();
  for (const { spec } of readTopics(files).topics) {
    if (!spec.schema) continue;
    const subject = `${prefix}${spec.schema.subject}`;
    const versions = await versionsOf(registry, subject, (number) => `version ${number}`);
    const aliases: (readonly SchemaVersion[])[] = [];
    for (const alias of spec.schema.aliases ?? [])
      aliases.push(
        await versionsOf(registry, `${prefix}${alias}`, (number) => `version ${number} of ${alias}`),
      );
    const level = await registry.level(subject);
    before.set(spec.topic, { versions, aliases, ...(level && { level }) });
  }
  return before;
};
