import type { AvroRecord, AvroSchema } from './avro.js';

/** Any type as the registry holds it: see {@link registeredSchema}. */
export const registeredType = (schema: AvroSchema): AvroSchema => {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return schema.map(registeredType);
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
  if (type.type === 'array') return { ...type, items: registeredType(type.items) };
  if (type.type === 'map') return { ...type, values: registeredType(type.values) };
  return type.type === 'record' ? registeredSchema(type) : type;
};

/**
 * A schema as the registry holds it and as readers are compiled against it: without the `examples`,
 * so that a better example is not a new version.
 */
export const registeredSchema = ({ examples: _, ...schema }: AvroRecord): AvroRecord => ({
  ...schema,
  fields: schema.fields.map(({ examples: _examples, ...field }) => ({
    ...field,
    type: registeredType(field.type),
  })),
});
