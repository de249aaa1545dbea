import {
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  fullName,
  namedTypes,
  namespaceOf,
} from './avro.js';

/** A field of a record or of a record inside it, with its path: `metrics.model`. */
export interface FieldAtPath {
  readonly path: string;
  readonly field: AvroField;
}

/** Fields of a record and of all records inside it, whether in arrays, maps or unions; a recursive type is entered once. */
export const fieldPaths = (root: AvroRecord): readonly FieldAtPath[] => {
  const definitions = namedTypes(root);

  const inside = (
    schema: AvroSchema,
    prefix: string,
    namespace: string,
    open: readonly string[],
  ): FieldAtPath[] => {
    if (typeof schema === 'string') {
      const name = schema.includes('.') || namespace === '' ? schema : `${namespace}.${schema}`;
      const definition = definitions.get(name) ?? definitions.get(schema);
      return definition === undefined ? [] : inside(definition, prefix, namespaceOf(name), open);
    }
    if (Array.isArray(schema))
      return schema.flatMap((branch: AvroSchema) => inside(branch, prefix, namespace, open));
    const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
    if (type.type === 'array') return inside(type.items, prefix, namespace, open);
    if (type.type === 'map') return inside(type.values, prefix, namespace, open);
    if (type.type !== 'record') return [];
    const name = fullName(type, namespace);
    if (open.includes(name)) return [];
    return type.fields.flatMap((field) => {
      const path = prefix === '' ? field.name : `${prefix}.${field.name}`;
      return [{ path, field }, ...inside(field.type, path, namespaceOf(name), [...open, name])];
    });
  };

  return inside(root, '', '', []);
};
