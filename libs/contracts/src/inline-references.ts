import { type AvroNamed, type AvroSchema, fullName, namedTypes, namespaceOf } from './avro.js';

/** Named types in files of their own, by full name. */
export type ReferencedTypes = ReadonlyMap<string, AvroNamed>;

type Complex = Exclude<AvroSchema, string | readonly AvroSchema[]>;

/** Calls `named` for each name in a schema that is no definition, and puts what it gives in its place. */
const replaceNames = (
  root: AvroSchema,
  named: (name: string, namespace: string) => AvroSchema,
  enclosing = '',
): AvroSchema => {
  const visit = (schema: AvroSchema, namespace: string): AvroSchema => {
    if (typeof schema === 'string') return named(schema, namespace);
    if (Array.isArray(schema)) return schema.map((branch: AvroSchema) => visit(branch, namespace));
    const type = schema as Complex;
    if (type.type === 'array') return { ...type, items: visit(type.items, namespace) };
    if (type.type === 'map') return { ...type, values: visit(type.values, namespace) };
    if (type.type !== 'record') return type;
    const inner = namespaceOf(fullName(type, namespace));
    return { ...type, fields: type.fields.map((field) => ({ ...field, type: visit(field.type, inner) })) };
  };
  return visit(root, enclosing);
};

const target = (name: string, namespace: string, names: Iterable<string>): string | undefined => {
  const known = new Set(names);
  return [fullName({ name }, namespace), name].find((candidate) => known.has(candidate));
};

/** Which of the names a schema uses without defining them. */
export const referredNames = (schema: AvroSchema, names: Iterable<string>): readonly string[] => {
  const own = namedTypes(schema);
  const among = [...names].filter((name) => !own.has(name));
  const found = new Set<string>();
  replaceNames(schema, (name, namespace) => {
    const full = target(name, namespace, among);
    if (full !== undefined) found.add(full);
    return name;
  });
  return [...found];
};

/** The schema with the types that it refers to written out, each where it is used first. No cycle may lead through them. */
export const inlineReferences = <S extends AvroSchema>(schema: S, types: ReferencedTypes): S => {
  if (types.size === 0) return schema;
  const own = namedTypes(schema);
  const written = new Set<string>();
  const replace = (name: string, namespace: string): AvroSchema => {
    const full = target(
      name,
      namespace,
      [...types.keys()].filter((one) => !own.has(one)),
    );
    const definition = full === undefined ? undefined : types.get(full);
    if (full === undefined || !definition) return name;
    if (written.has(full)) return full;
    written.add(full);
    return replaceNames(definition, replace);
  };
  return replaceNames(schema, replace) as S;
};
