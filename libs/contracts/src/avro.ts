/** The Avro types without parts. */
export const primitiveNames = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const;

/** A primitive with attributes, such as a logical type. */
export interface AvroPrimitive {
  readonly type: (typeof primitiveNames)[number];
  readonly logicalType?: string;
}

/** A closed set of symbols; `default` is what a reader takes for a symbol it does not know. */
export interface AvroEnum {
  readonly type: 'enum';
  readonly name: string;
  readonly namespace?: string;
  readonly aliases?: readonly string[];
  readonly doc?: string;
  readonly symbols: readonly string[];
  readonly default?: string;
}

/** A sequence of bytes of one length. */
export interface AvroFixed {
  readonly type: 'fixed';
  readonly name: string;
  readonly namespace?: string;
  readonly aliases?: readonly string[];
  readonly size: number;
  readonly logicalType?: string;
}

/** A list of values of one type. */
export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
}

/** Values of one type by string keys. */
export interface AvroMap {
  readonly type: 'map';
  readonly values: AvroSchema;
}

/** One field of a record. `examples` is not Avro's: documents and generated events take their values from it. */
export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc?: string;
  readonly default?: unknown;
  readonly aliases?: readonly string[];
  readonly order?: string;
  readonly examples?: readonly unknown[];
}

/** Named fields in order. `examples` is not Avro's: whole or partial values whose fields belong together. */
export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly aliases?: readonly string[];
  readonly doc?: string;
  readonly examples?: readonly Readonly<Record<string, unknown>>[];
  readonly fields: readonly AvroField[];
}

/** An Avro schema as JSON: a name (primitive, or a type defined earlier), a definition, or a union of them. */
export type AvroSchema =
  string | AvroPrimitive | AvroEnum | AvroFixed | AvroArray | AvroMap | AvroRecord | readonly AvroSchema[];

/** A definition that has a name and may be referred to by it. */
export type AvroNamed = AvroEnum | AvroFixed | AvroRecord;

/** Full name of a definition in the namespace that surrounds it. */
export const fullName = (
  type: { readonly name: string; readonly namespace?: string },
  enclosing = '',
): string => {
  const namespace = type.namespace ?? enclosing;
  return type.name.includes('.') || namespace === '' ? type.name : `${namespace}.${type.name}`;
};

/** Namespace part of a full name; empty if it has none. */
export const namespaceOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));

/** The definitions of a schema by full name, in the order in which they appear. */
export const namedTypes = (schema: AvroSchema, enclosing = ''): ReadonlyMap<string, AvroNamed> => {
  if (typeof schema === 'string') return new Map();
  if (Array.isArray(schema))
    return new Map(schema.flatMap((branch: AvroSchema) => [...namedTypes(branch, enclosing)]));
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  switch (type.type) {
    case 'array':
      return namedTypes(type.items, enclosing);
    case 'map':
      return namedTypes(type.values, enclosing);
    case 'enum':
    case 'fixed':
      return new Map([[fullName(type, enclosing), type]]);
    case 'record': {
      const name = fullName(type, enclosing);
      return new Map<string, AvroNamed>([
        [name, type],
        ...type.fields.flatMap((field) => [...namedTypes(field.type, namespaceOf(name))]),
      ]);
    }
    default:
      return new Map();
  }
};
