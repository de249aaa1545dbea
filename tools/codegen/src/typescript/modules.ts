import { type Catalogue, fullName } from '@soma/contracts';
import { indexModule, type TypedTopic } from './index-module.js';
import { topicModule } from './topic-module.js';
import { typeNames } from './type-names.js';

/** The TypeScript modules of all topics that have a schema and a key, by file name. */
export const typescriptModules = ({ topics }: Catalogue): ReadonlyMap<string, string> => {
  const names = typeNames(topics);
  const typed = topics.flatMap(({ spec, schema }): readonly TypedTopic[] => {
    const { topic, key, schema: registered } = spec;
    if (!schema || !key || !registered) return [];
    const typeName = names.get(topic)?.get(fullName(schema)) ?? schema.name;
    return [{ spec, schema, key: key.field, subject: registered.subject, typeName, module: topic }];
  });
  const modules = typed.map(({ spec, schema, typeName, module }): [string, string] => {
    const source = `schemas/${spec.owner}/${spec.schema?.file ?? ''}`;
    return [`${module}.ts`, topicModule(schema, typeName, names.get(spec.topic) ?? new Map(), source)];
  });
  return new Map([...modules, ['index.ts', indexModule(typed)]]);
};
