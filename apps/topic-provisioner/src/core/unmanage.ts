import type { SourceFile } from '@soma/catalogue';
import { type Catalogue, servicePrincipals, type TopicSpec } from '@soma/contracts';
import { isMap, parseDocument } from 'yaml';
import { aclName, declaredAcls, serviceAcls } from './acls.js';

/** What goes from the catalogue when a topic is no longer managed. */
export interface Unmanaging {
  /** Paths of the files to remove, within the schemas directory. */
  readonly remove: readonly string[];
  /** Overlays without the topic's entry. */
  readonly rewrite: readonly SourceFile[];
  /** Rights, in words, that the catalogue no longer declares, by principal. They stay on the servers. */
  readonly undeclared: Readonly<Record<string, readonly string[]>>;
}

/** An overlay without its entry of a topic, comments and all else as they were; undefined if it has none. */
export const withoutEntry = (text: string, topic: string): string | undefined => {
  const document = parseDocument(text);
  if (!document.hasIn(['topics', topic])) return undefined;
  document.deleteIn(['topics', topic]);
  const topics = document.get('topics');
  if (isMap(topics) && topics.items.length === 0) document.delete('topics');
  return document.toString({ lineWidth: 0 });
};

const rightsOf = (specs: readonly TopicSpec[]) => [
  ...serviceAcls(servicePrincipals(specs), ''),
  ...declaredAcls(specs, ''),
];

/** What has to be done to the files of a catalogue so that it says nothing of a topic. Undefined if it has no such topic. */
export const unmanaging = (
  files: readonly SourceFile[],
  { topics }: Catalogue,
  topic: string,
): Unmanaging | undefined => {
  const specs = topics.map(({ spec }) => spec);
  const spec = specs.find((one) => one.topic === topic);
  if (!spec) return undefined;
  const rest = specs.filter((one) => one !== spec);
  const schemaOf = ({ owner, schema }: TopicSpec): string | undefined => schema && `${owner}/${schema.file}`;
  const schema = schemaOf(spec);
  const shared = rest.some((one) => schemaOf(one) === schema);
  const kept = new Set(rightsOf(rest).map(aclName));
  const lost = rightsOf(specs).filter((acl) => !kept.has(aclName(acl)));
  return {
    remove: [`${spec.owner}/${topic}.yaml`, ...(schema === undefined || shared ? [] : [schema])],
    rewrite: files
      .filter(({ path }) => /^environments\/[^/]+\.yaml$/.test(path))
      .flatMap(({ path, text }) => {
        const without = withoutEntry(text, topic);
        return without === undefined ? [] : [{ path, text: without }];
      }),
    undeclared: Object.fromEntries(
      [...Map.groupBy(lost, ({ principal }) => principal)].map(([principal, acls]) => [
        principal,
        [...new Set(acls.map(aclName))],
      ]),
    ),
  };
};
