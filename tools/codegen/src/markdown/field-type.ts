import { type AvroSchema, type AvroRecord, fullName, namedTypes } from '@soma/contracts';
import { code } from './table.js';

/** An Avro type in the words of the contracts page, without the types inside a record. */
export const fieldType = (schema: AvroSchema, root: AvroRecord): string => {
  if (typeof schema === 'string') {
    const namespace = root.namespace ?? '';
    const definition =
      namedTypes(root).get(fullName({ name: schema }, namespace)) ?? namedTypes(root).get(schema);
    return definition?.type === 'enum' ? fieldType(definition, root) : code(schema);
  }
  if (Array.isArray(schema)) return schema.map((branch: AvroSchema) => fieldType(branch, root)).join(' or ');
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  switch (type.type) {
    case 'array':
      return `list of ${fieldType(type.items, root)}`;
    case 'map':
      return `map of ${fieldType(type.values, root)}`;
    case 'enum':
      return `one of ${type.symbols.map(code).join(', ')}`;
    case 'record':
    case 'fixed':
      return code(type.name);
    default:
      return type.logicalType === undefined ? code(type.type) : `${code(type.logicalType)} (${type.type})`;
  }
};
