import { type AvroRecord, isSquad } from '@soma/contracts';
import { classificationFindings, unclassifiedFindings } from './classification-findings.js';
import { listAt, textAt, valueAt } from './loose.js';
import type { Finding } from './source.js';

const isStringType = (type: unknown): boolean =>
  type === 'string' || (typeof type === 'object' && type !== null && valueAt(type, ['type']) === 'string');

function* keyFindings(spec: unknown, schema: AvroRecord): Generator<Finding> {
  const field = textAt(spec, ['key', 'field']);
  if (field === undefined) return;
  const at = ['key', 'field'];
  const strings = schema.fields.filter(({ type }) => isStringType(type)).map(({ name }) => name);
  const allowed = strings.length > 0 ? strings.join(', ') : 'a field of type string in the schema';
  const declared = schema.fields.find(({ name }) => name === field);
  if (!declared) yield { at, message: `the schema has no field ${field}`, allowed };
  else if (!isStringType(declared.type))
    yield { at, message: `the field ${field} is no plain string`, allowed };
}

function* serviceFindings(spec: unknown): Generator<Finding> {
  for (const list of ['producers', 'consumers']) {
    const services = listAt(spec, [list]).map((_, index) => textAt(spec, [list, index, 'service']));
    for (const [index, service] of services.entries())
      if (service !== undefined && services.indexOf(service) < index)
        yield { at: [list, index, 'service'], message: `${service} stands among the ${list} twice` };
  }
  if (valueAt(spec, ['deadLetter']) !== undefined && listAt(spec, ['consumers']).length === 0)
    yield {
      at: ['deadLetter'],
      on: 'key',
      message: 'a topic that nobody consumes has no dead letters',
      allowed: 'consumers, or no deadLetter',
    };
}

/** Name of the squad's namespace for its schemas. */
const namespaceFor = (squad: string): string => `com.somastack.${squad.replaceAll('-', '_')}`;

/** What is wrong with a spec beside its form: its names, its dates, what it says about its schema. */
export function* specFindings(
  spec: unknown,
  file: string,
  schema: AvroRecord | undefined,
): Generator<Finding> {
  const [folder, name] = file.split('/');
  const topic = textAt(spec, ['topic']);
  const owner = textAt(spec, ['owner']);
  if (topic !== undefined && `${topic}.yaml` !== name)
    yield {
      at: ['topic'],
      message: `the topic ${topic} stands in the file ${name}`,
      allowed: `the file ${topic}.yaml`,
    };
  if (isSquad(owner) && owner !== folder)
    yield {
      at: ['owner'],
      message: `${owner} is not the squad of the folder ${folder}`,
      allowed: folder ?? '',
    };
  const { since, remove } = (valueAt(spec, ['deprecated']) ?? {}) as { since?: unknown; remove?: unknown };
  if (typeof since === 'string' && typeof remove === 'string' && remove <= since)
    yield {
      at: ['deprecated', 'remove'],
      message: `${remove} is not after ${since}`,
      allowed: 'a later date',
    };
  if (schema && valueAt(spec, ['key']) === undefined)
    yield { at: ['key'], message: 'is missing', allowed: 'a mapping with field and doc', convention: true };
  if (schema) yield* keyFindings(spec, schema);
  if (schema) yield* unclassifiedFindings(spec, schema);
  yield* classificationFindings(spec, schema);
  yield* serviceFindings(spec);
}

/** What is unusual about a schema in its squad's folder. */
export function* schemaConventionFindings(schema: AvroRecord, file: string): Generator<Finding> {
  const namespace = namespaceFor(file.split('/')[0] ?? '');
  if (schema.namespace !== namespace)
    yield {
      at: ['namespace'],
      message: `the namespace is ${schema.namespace ?? 'missing'}`,
      allowed: namespace,
      severity: 'warning',
    };
}
