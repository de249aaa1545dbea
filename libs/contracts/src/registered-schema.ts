import type { AvroRecord, AvroSchema } from './avro.js';

const strip = (schema: AvroSchema): AvroSchema => {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return schema.map(strip);
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (type.type === 'array') return { ...type, items: strip(type.items) };
  if (type.type === 'map') return { ...type, values: strip(type.values) };
  return type.type === 'record' ? registeredSchema(type) : type;
};

/**
 * A schema as the registry holds it and as readers are compiled against it: without the `examples`,
 * so that a better example is not a new version.
 */
export const registeredSchema = ({ examples: _, ...schema }: AvroRecord): AvroRecord => ({
  ...schema,
  fields: schema.fields.map(({ examples: _examples, ...field }) => ({ ...field, type: strip(field.type) })),
});
