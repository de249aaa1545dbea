import { type Environment } from '@marcbachmann/cel-js';
import {
  type AvroRecord,
  type AvroSchema,
  fullName,
  namedTypes,
  namespaceOf,
  primitiveNames,
} from '@soma/contracts';

/** A value that its schema does not allow; `path` leads to it. */
export class DoesNotFit extends Error {
  override readonly name = 'DoesNotFit';
  readonly code = 'DOES_NOT_FIT';
  constructor(
    readonly path: string,
    message: string,
    readonly allowed: string,
  ) {
    super(`${path} — ${message}; allowed: ${allowed}`);
  }
}

type Read = (value: unknown, path: string) => unknown;

/** A schema as CEL sees it: the type's name there, and how a decoded value becomes one of CEL's. */
export interface CelType {
  readonly name: string;
  readonly read: Read;
}

const fits =
  (
    allowed: string,
    test: (value: unknown) => boolean,
    read: (value: unknown) => unknown = (value) => value,
  ) =>
  (value: unknown, path: string): unknown => {
    if (!test(value))
      throw new DoesNotFit(path, value === undefined ? 'is missing' : 'does not fit', allowed);
    return read(value);
  };

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const text = fits('a text', (value) => typeof value === 'string');
const int: CelType = {
  name: 'int',
  read: fits('a whole number', isWhole, (value) => BigInt(value as number)),
};
const double: CelType = { name: 'double', read: fits('a number', (value) => typeof value === 'number') };
// Dates end 8.64e15 milliseconds from the epoch; comparing with one that is none would be silently false.
const timestamp: CelType = {
  name: 'google.protobuf.Timestamp',
  read: fits(
    'milliseconds since the epoch',
    (value) => isWhole(value) && Math.abs(value) <= 8.64e15,
    (value) => new Date(value as number),
  ),
};
const bytes: CelType = { name: 'bytes', read: fits('bytes', (value) => value instanceof Uint8Array) };

const primitives: Readonly<Record<(typeof primitiveNames)[number], CelType>> = {
  null: { name: 'null', read: fits('null', (value) => value === null) },
  boolean: { name: 'bool', read: fits('true | false', (value) => typeof value === 'boolean') },
  int,
  long: int,
  float: double,
  double,
  bytes,
  string: { name: 'string', read: text },
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of each record by the record's full name. */
export type RecordFields = ReadonlyMap<string, readonly string[]>;

/** Declares a topic's record, and the records in it, to a CEL environment. Whoever may be null is `dyn` there. */
export const declareRecord = (
  environment: Environment,
  root: AvroRecord,
): { readonly type: CelType; readonly fields: RecordFields } => {
  const definitions = namedTypes(root);
  const known = new Map<string, CelType>();
  const fields = new Map<string, readonly string[]>();

  const record = (schema: AvroRecord, namespace: string): CelType => {
    const name = fullName(schema, namespace);
    const declared = known.get(name);
    if (declared) return declared;
    // CEL tells values of a declared type by their constructor, also in lists and maps.
    class Declared {}
    const reads: [name: string, fallback: unknown, read: Read][] = [];
    const type: CelType = {
      name,
      read: (value, path) => {
        if (!isObject(value)) throw new DoesNotFit(path, 'does not fit', 'a record');
        const entries = reads.map(([field, fallback, read]) => [
          field,
          read(value[field] === undefined ? fallback : value[field], `${path}.${field}`),
        ]);
        return Object.assign(new Declared(), Object.fromEntries(entries) as object);
      },
    };
    // Before its fields: a recursive type finds itself.
    known.set(name, type);
    fields.set(
      name,
      schema.fields.map((field) => field.name),
    );
    const types = schema.fields.map((field): [string, string] => {
      const inner = typeOf(field.type, namespaceOf(name));
      reads.push([field.name, field.default, inner.read]);
      return [field.name, inner.name];
    });
    environment.registerType(name, { ctor: Declared, fields: Object.fromEntries(types) });
    return type;
  };

  const union = (branches: readonly AvroSchema[], namespace: string): CelType => {
    const types = branches.map((branch) => typeOf(branch, namespace));
    const read: Read = (value, path) => {
      for (const type of types) {
        try {
          return type.read(value, path);
        } catch (error) {
          if (!(error instanceof DoesNotFit)) throw error;
        }
      }
      throw new DoesNotFit(path, 'does not fit', types.map(({ name }) => name).join(' | '));
    };
    return { name: 'dyn', read };
  };

  const typeOf = (schema: AvroSchema, namespace: string): CelType => {
    if (Array.isArray(schema)) return union(schema as readonly AvroSchema[], namespace);
    if (typeof schema === 'string') {
      if (Object.hasOwn(primitives, schema)) return primitives[schema as keyof typeof primitives];
      const named = definitions.get(`${namespace}.${schema}`) ?? definitions.get(schema);
      return named ? typeOf(named, namespace) : { name: 'dyn', read: (value) => value };
    }
    const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
    switch (type.type) {
      case 'record':
        return record(type, namespace);
      case 'enum':
        return {
          name: 'string',
          read: fits(type.symbols.join(' | '), (value) => type.symbols.includes(value as string)),
        };
      case 'fixed':
        return bytes;
      case 'array': {
        const items = typeOf(type.items, namespace);
        const read: Read = (value, path) => {
          if (!Array.isArray(value)) throw new DoesNotFit(path, 'does not fit', 'a list');
          return value.map((item, index) => items.read(item, `${path}[${index}]`));
        };
        return { name: `list<${items.name}>`, read };
      }
      case 'map': {
        const values = typeOf(type.values, namespace);
        const read: Read = (value, path) => {
          if (!isObject(value)) throw new DoesNotFit(path, 'does not fit', 'a mapping');
          return new Map(
            Object.entries(value).map(([key, item]) => [key, values.read(item, `${path}[${key}]`)]),
          );
        };
        return { name: `map<string, ${values.name}>`, read };
      }
      default:
        return type.logicalType === 'timestamp-millis' ? timestamp : primitives[type.type];
    }
  };

  return { type: record(root, ''), fields };
};
