import {
  readTopics,
  type SchemaVersion,
  type SourceFile,
  type TopicBefore,
  wholeSchema,
} from '@soma/catalogue';
import { type SchemaRegistry, WholeSchemas } from '@soma/kafka';

const versionsOf = async (
  registry: SchemaRegistry,
  subject: string,
  labelOf: (version: number) => string,
): Promise<readonly SchemaVersion[]> => {
  const schemas = new WholeSchemas(registry);
  const versions: SchemaVersion[] = [];
  for (const number of await registry.versions(subject)) {
    const found = await schemas.version(subject, number);
    const schema = found && wholeSchema(found.whole, []);
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
