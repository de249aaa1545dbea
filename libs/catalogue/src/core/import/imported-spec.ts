import type { AvroRecord } from '@soma/contracts';
import { fieldPaths } from '@soma/contracts';
import { valueAt } from '../loose.js';
import { personalHint } from '../personal-data.js';

/** What a spec is written from. */
export interface ImportedTopic {
  readonly topic: string;
  readonly squad: string;
  /** The whole schema. */
  readonly schema: AvroRecord;
  /** Types that it refers to, and the files they were put into. */
  readonly references: readonly { readonly name: string; readonly file: string }[];
}

// JSON's strings are YAML's, too, whatever is in them.
const text = (value: string): string => JSON.stringify(value);

const isText = (type: unknown): boolean => type === 'string' || valueAt(type, ['type']) === 'string';

/** The smallest spec of a topic with this schema; what only its author knows is made up to be looked at. */
export const importedSpec = ({ topic, squad, schema, references }: ImportedTopic): string => {
  const key = schema.fields.find(({ type }) => isText(type))?.name;
  const personal = fieldPaths(schema)
    .filter(({ field }) => personalHint(field) !== undefined)
    .map(({ path }) => path);
  return [
    `topic: ${text(topic)}`,
    `owner: ${text(squad)}`,
    `description: ${text(schema.doc?.trim() || `What ${topic} tells.`)}`,
    'partitions: 3',
    'replicationFactor: 3',
    'config:',
    '  min.insync.replicas: 2',
    ...(key === undefined
      ? []
      : [`key: { field: ${key}, doc: ${text(`Events of one ${key} are in order.`)} }`]),
    'schema:',
    `  file: ${text(`${topic}.avsc`)}`,
    '  compatibility: FULL_TRANSITIVE',
    ...(references.length === 0 ? [] : ['  references:']),
    ...references.map(({ name, file }) => `    - { name: ${name}, file: ${text(file)} }`),
    'classification:',
    '  level: confidential',
    `  personal: [${personal.join(', ')}]`,
    '',
  ].join('\n');
};
