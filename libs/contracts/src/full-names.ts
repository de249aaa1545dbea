import { type AvroSchema, fullName, namespaceOf, primitiveNames } from './avro.js';

const primitives: readonly string[] = primitiveNames;

/** The schema with every name in full, whichever way it was written: two of these are equal if the schemas are. */
export const withFullNames = (schema: AvroSchema, enclosing = ''): AvroSchema => {
  if (typeof schema === 'string')
    return primitives.includes(schema) ? schema : fullName({ name: schema }, enclosing);
  if (Array.isArray(schema)) return schema.map((branch: AvroSchema) => withFullNames(branch, enclosing));
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (type.type === 'array') return { ...type, items: withFullNames(type.items, enclosing) };
  if (type.type === 'map') return { ...type, values: withFullNames(type.values, enclosing) };
  if (type.type !== 'record' && type.type !== 'enum' && type.type !== 'fixed') return type;
  const { namespace: _, ...rest } = type;
  const name = fullName(type, enclosing);
  if (rest.type !== 'record') return { ...rest, name };
  const fields = rest.fields.map((field) => ({
    ...field,
    type: withFullNames(field.type, namespaceOf(name)),
  }));
  return { ...rest, name, fields };
};
