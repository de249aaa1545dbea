import { fullName, namespaceOf, primitiveNames } from '@soma/contracts';
import type { Path } from '../problem.js';
import { isName, isPrimitive, nameForm, resolve, type Scope, shapeOf } from './avro-scope.js';
import { enumFindings } from './enum-findings.js';
import { isRecord } from './loose.js';
import { logicalTypeFinding } from './logical-types.js';
import type { Finding } from './source.js';

/** Kinds of the types that other files define, by full name. */
export type KnownTypes = ReadonlyMap<string, string>;

const complexNames = ['record', 'enum', 'fixed', 'array', 'map'];

type Json = Readonly<Record<string, unknown>>;

const isDocumented = ({ doc }: Json): boolean => typeof doc === 'string' && doc.trim() !== '';
const isList = (value: unknown, item: (value: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(item);

function* union(branches: readonly unknown[], at: Path, scope: Scope): Generator<Finding> {
  const shapes = new Set<string>();
  for (const [index, branch] of branches.entries()) {
    const here = [...at, index];
    if (Array.isArray(branch))
      yield { at: here, message: 'a union inside a union', allowed: 'one flat list of types' };
    else yield* schemaFindings(branch, here, scope);
    const shape = shapeOf(branch, scope);
    if (shapes.has(shape))
      yield {
        at: here,
        message: `two branches are ${shape} to a reader`,
        allowed: 'branches of different kinds',
        convention: true,
      };
    shapes.add(shape);
  }
}

function* record(type: Json, at: Path, scope: Scope): Generator<Finding> {
  const fields = type['fields'];
  if (!Array.isArray(fields)) {
    yield { at: [...at, 'fields'], message: 'a record needs fields', allowed: 'a list of fields' };
    return;
  }
  if (type['examples'] !== undefined && !isList(type['examples'], isRecord))
    yield {
      at: [...at, 'examples'],
      message: 'no list of examples',
      allowed: 'a list of mappings from field to value',
      convention: true,
    };
  const names = new Set<unknown>();
  for (const [index, field] of (fields as readonly unknown[]).entries()) {
    const here = [...at, 'fields', index];
    if (!isRecord(field)) {
      yield { at: here, message: 'no field', allowed: 'a mapping with name, type and doc' };
      continue;
    }
    const name = field['name'];
    if (!isName(name))
      yield { at: [...here, 'name'], message: `${JSON.stringify(name)} is no field name`, allowed: nameForm };
    if (names.has(name))
      yield { at: [...here, 'name'], message: `the field ${String(name)} stands here twice` };
    names.add(name);
    if (!isDocumented(field))
      yield {
        at: [...here, 'doc'],
        message: `the field ${String(name)} has no doc`,
        allowed: 'a sentence that says what it means',
      };
    if (field['examples'] !== undefined && !isList(field['examples'], () => true))
      yield {
        at: [...here, 'examples'],
        message: 'no list of examples',
        allowed: 'a list of values of the field',
        convention: true,
      };
    yield* schemaFindings(field['type'], [...here, 'type'], scope);
  }
}

function* named(type: Json, at: Path, scope: Scope): Generator<Finding> {
  const { name, namespace } = type;
  if (typeof name !== 'string' || !name.split('.').every(isName)) {
    yield { at: [...at, 'name'], message: `${JSON.stringify(name)} is no type name`, allowed: nameForm };
    return;
  }
  const full = fullName({ name, ...(typeof namespace === 'string' && { namespace }) }, scope.namespace);
  if (scope.defined.has(full))
    yield {
      at: [...at, 'name'],
      message: `${full} is defined twice`,
      allowed: 'its name alone, the second time',
    };
  scope.defined.set(full, String(type['type']));
  if (type['type'] === 'enum') yield* enumFindings(type, at, scope);
  if (type['type'] === 'record') yield* record(type, at, { ...scope, namespace: namespaceOf(full) });
  if (type['type'] === 'fixed' && !Number.isInteger(type['size']))
    yield { at: [...at, 'size'], message: 'a fixed needs its size', allowed: 'a number of bytes' };
}

function* schemaFindings(schema: unknown, at: Path, scope: Scope): Generator<Finding> {
  if (Array.isArray(schema)) {
    yield* union(schema, at, scope);
    return;
  }
  const type = isRecord(schema) ? schema['type'] : schema;
  const typeAt = isRecord(schema) ? [...at, 'type'] : at;
  if (isRecord(schema)) {
    if (type === 'record' || type === 'enum' || type === 'fixed') yield* named(schema, at, scope);
    else if (type === 'array') yield* schemaFindings(schema['items'], [...at, 'items'], scope);
    else if (type === 'map') yield* schemaFindings(schema['values'], [...at, 'values'], scope);
    const logical = logicalTypeFinding(schema);
    if (logical) yield { ...logical, at: [...at, 'logicalType'] };
    if (complexNames.includes(String(type))) return;
  }
  if (type === undefined) yield { at, message: 'no type', allowed: primitiveNames.join(', ') };
  else if (typeof type !== 'string')
    yield { at: typeAt, message: 'no type: a type inside a type', allowed: 'one level only' };
  else if (!isPrimitive(type) && (isRecord(schema) || resolve(type, scope) === undefined))
    yield {
      at: typeAt,
      message: `unknown type ${type}`,
      allowed: [...primitiveNames, ...complexNames, ...(isRecord(schema) ? [] : scope.defined.keys())].join(
        ', ',
      ),
    };
}

/**
 * What is wrong with the schema of a topic's values, all at once, with the place of each.
 * `symbolsEvolve`: the topic's compatibility level asks that old readers survive new enum symbols.
 * `known`: types that other files define.
 */
export function* avroFindings(
  schema: unknown,
  symbolsEvolve: boolean,
  known: KnownTypes = new Map(),
): Generator<Finding> {
  if (!isRecord(schema) || schema['type'] !== 'record') {
    yield { at: [], message: 'the value of a topic is no record', allowed: '{"type": "record", …}' };
    return;
  }
  if (!isDocumented(schema))
    yield { at: ['doc'], message: 'the record has no doc', allowed: 'a sentence that says what happened' };
  yield* schemaFindings(schema, [], { namespace: '', defined: new Map(known), symbolsEvolve });
}

/** What is wrong with a named type in a file of its own. */
export function* typeFindings(schema: unknown, known: KnownTypes): Generator<Finding> {
  if (isRecord(schema) && schema['type'] !== 'fixed' && !isDocumented(schema))
    yield { at: ['doc'], message: 'the type has no doc', allowed: 'a sentence that says what it is' };
  yield* schemaFindings(schema, [], { namespace: '', defined: new Map(known), symbolsEvolve: true });
}
