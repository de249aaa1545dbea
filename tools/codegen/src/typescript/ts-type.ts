import { type AvroSchema, fullName } from '@soma/contracts';
import type { TypeNames } from './type-names.js';

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  string: 'string',
};

/** The TypeScript type of the values that a consumer gets for an Avro schema. */
export const tsType = (schema: AvroSchema, namespace: string, names: TypeNames): string => {
  if (typeof schema === 'string')
    return (
      primitives[schema] ?? names.get(fullName({ name: schema }, namespace)) ?? names.get(schema) ?? schema
    );
  if (Array.isArray(schema)) {
    const branches = schema.map((branch: AvroSchema) => tsType(branch, namespace, names));
    return [
      ...branches.filter((type) => type !== 'null'),
      ...branches.filter((type) => type === 'null'),
    ].join(' | ');
  }
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  switch (type.type) {
    case 'array': {
      const items = tsType(type.items, namespace, names);
      return items.includes(' ') ? `(${items})[]` : `${items}[]`;
    }
    case 'map':
      return `Record<string, ${tsType(type.values, namespace, names)}>`;
    case 'record':
    case 'enum':
      return names.get(fullName(type, namespace)) ?? type.name;
    case 'fixed':
      return 'Uint8Array';
    default:
      return primitives[type.type] ?? type.type;
  }
};
