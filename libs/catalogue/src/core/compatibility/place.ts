import { type AvroSchema, fullName, namespaceOf, primitiveNames } from '@soma/contracts';
import type { Path } from '../../problem.js';
import { isRecord, listAt, textAt } from '../loose.js';

/** A part of a schema, the namespace that surrounds it, and the keys that lead to it. */
export interface Place {
  readonly schema: unknown;
  readonly namespace: string;
  readonly at: Path;
}

/** A field of an opened record. */
export interface OpenedField extends Place {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly hasDefault: boolean;
  /** Keys that lead to the field itself; `at` leads to its type. */
  readonly fieldAt: Path;
}

/** A type as it is defined, with references followed and names made full. */
export interface Opened {
  /** `union`, one of Avro's kinds of types, or `unknown` for a name that nothing defines. */
  readonly kind: string;
  /** Full name of a named type, else its kind. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Attributes of the definition; none for a union and a bare primitive. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly fields: readonly OpenedField[];
  /** Branches of a union, items of an array, values of a map. */
  readonly parts: readonly Place[];
  readonly at: Path;
}

/** Where each named type of a schema is defined, by full name. */
export type Definitions = ReadonlyMap<string, Place>;

const namedKinds = ['record', 'error', 'enum', 'fixed'];
const primitives: readonly string[] = primitiveNames;

const nameOf = (type: unknown, namespace: string): string => {
  const own = textAt(type, ['namespace']);
  return fullName(
    { name: textAt(type, ['name']) ?? '', ...(own !== undefined && { namespace: own }) },
    namespace,
  );
};

const fieldsOf = (type: unknown, namespace: string, at: Path): readonly OpenedField[] =>
  listAt(type, ['fields']).flatMap((field, index) => {
    const name = textAt(field, ['name']);
    if (name === undefined || !isRecord(field)) return [];
    const fieldAt = [...at, 'fields', index];
    return [
      {
        name,
        aliases: listAt(field, ['aliases']).filter((alias) => typeof alias === 'string'),
        hasDefault: Object.hasOwn(field, 'default'),
        schema: field['type'],
        namespace,
        at: [...fieldAt, 'type'],
        fieldAt,
      },
    ];
  });

/** The named types of a schema, with their places. */
export const definitionsOf = (root: AvroSchema): Definitions => {
  const found = new Map<string, Place>();
  const walk = ({ schema, namespace, at }: Place): void => {
    if (Array.isArray(schema))
      schema.forEach((branch, index) => walk({ schema: branch as unknown, namespace, at: [...at, index] }));
    if (!isRecord(schema)) return;
    const kind = schema['type'];
    if (typeof kind !== 'string') walk({ schema: kind, namespace, at: [...at, 'type'] });
    else if (kind === 'array') walk({ schema: schema['items'], namespace, at: [...at, 'items'] });
    else if (kind === 'map') walk({ schema: schema['values'], namespace, at: [...at, 'values'] });
    else if (namedKinds.includes(kind)) {
      const name = nameOf(schema, namespace);
      if (!found.has(name)) found.set(name, { schema, namespace, at });
      for (const field of fieldsOf(schema, namespaceOf(name), at)) walk(field);
    }
  };
  walk({ schema: root, namespace: '', at: [] });
  return found;
};

const plain = (kind: string, at: Path, more: Partial<Opened> = {}): Opened => ({
  kind,
  name: kind,
  aliases: [],
  attributes: {},
  fields: [],
  parts: [],
  at,
  ...more,
});

/** The type that stands at a place. */
export const openPlace = ({ schema, namespace, at }: Place, definitions: Definitions): Opened => {
  if (Array.isArray(schema)) {
    const parts = schema.map((branch, index) => ({
      schema: branch as unknown,
      namespace,
      at: [...at, index],
    }));
    return plain('union', at, { parts });
  }
  if (typeof schema === 'string') {
    if (primitives.includes(schema)) return plain(schema, at);
    const definition = definitions.get(fullName({ name: schema }, namespace)) ?? definitions.get(schema);
    return definition ? openPlace(definition, definitions) : plain('unknown', at, { name: schema });
  }
  if (!isRecord(schema)) return plain('unknown', at);
  const kind = schema['type'];
  if (typeof kind !== 'string')
    return openPlace({ schema: kind, namespace, at: [...at, 'type'] }, definitions);
  if (kind === 'array' || kind === 'map') {
    const part = kind === 'array' ? 'items' : 'values';
    return plain(kind, at, {
      attributes: schema,
      parts: [{ schema: schema[part], namespace, at: [...at, part] }],
    });
  }
  if (primitives.includes(kind)) return plain(kind, at, { attributes: schema });
  if (!namedKinds.includes(kind)) return openPlace({ schema: kind, namespace, at }, definitions);
  const name = nameOf(schema, namespace);
  const inner = namespaceOf(name);
  const aliases = listAt(schema, ['aliases']).filter((alias) => typeof alias === 'string');
  return plain(kind === 'error' ? 'record' : kind, at, {
    name,
    aliases: aliases.map((alias) => fullName({ name: alias }, inner)),
    attributes: schema,
    fields: fieldsOf(schema, inner, at),
  });
};
