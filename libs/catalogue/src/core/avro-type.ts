import type { AvroField, AvroRecord, AvroSchema } from '@soma/contracts';
import avsc from 'avsc';
import type { Path } from '../problem.js';
import type { Finding } from './source.js';

/** The schema as avsc's type. Throws avsc's error if it is no valid Avro. */
export const avroType = (schema: AvroRecord): avsc.types.RecordType =>
  avsc.Type.forSchema(structuredClone(schema) as unknown as avsc.Schema) as avsc.types.RecordType;

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const failure = (schema: AvroRecord): string | undefined => {
  try {
    avroType(schema);
    return undefined;
  } catch (error) {
    return reason(error);
  }
};

/** avsc stops at the first error and does not say where: the first field that breaks the fields before it is the one. */
const firstBroken = (schema: AvroRecord): Finding | undefined => {
  for (const [index] of schema.fields.entries()) {
    const message = failure({ ...schema, fields: schema.fields.slice(0, index + 1) });
    if (message !== undefined) return { at: ['fields', index], message };
  }
  return undefined;
};

type Complex = Exclude<AvroSchema, string | readonly AvroSchema[]>;

const mismatch = (example: unknown, name: string, at: Path): Finding => ({
  at,
  message: `the example ${JSON.stringify(example)} is no value of the field ${name}`,
  convention: true,
});

const badFieldExamples = (
  { name, examples = [] }: AvroField,
  type: avsc.Type,
  at: Path,
): readonly Finding[] =>
  examples.flatMap((example, index) =>
    type.isValid(example) ? [] : [mismatch(example, name, [...at, 'examples', index])],
  );

const badRecordExamples = (
  { fields, examples = [] }: AvroRecord,
  type: avsc.types.RecordType,
  at: Path,
): readonly Finding[] =>
  examples.flatMap((example, index) =>
    Object.entries(example).flatMap(([name, value]): readonly Finding[] => {
      const here = [...at, 'examples', index, name];
      const field = type.fields.find((one) => one.name === name);
      const allowed = fields.map((one) => one.name).join(', ');
      const message = `the record has no field ${name}`;
      if (!field) return [{ at: here, on: 'key', message, allowed, convention: true }];
      return field.type.isValid(value) ? [] : [mismatch(value, name, here)];
    }),
  );

const branchesOf = (type: avsc.Type): readonly avsc.Type[] =>
  'types' in type ? (type as avsc.types.UnwrappedUnionType).types.slice() : [];

const within = (schema: AvroSchema, type: avsc.Type, at: Path): readonly Finding[] => {
  if (typeof schema === 'string') return [];
  if (Array.isArray(schema))
    return schema.flatMap((branch: AvroSchema, index) => {
      const inner = branchesOf(type)[index];
      return inner ? within(branch, inner, [...at, index]) : [];
    });
  const complex = schema as Complex;
  if (complex.type === 'array')
    return within(complex.items, (type as avsc.types.ArrayType).itemsType, [...at, 'items']);
  if (complex.type === 'map')
    return within(complex.values, (type as avsc.types.MapType).valuesType as avsc.Type, [...at, 'values']);
  if (complex.type !== 'record') return [];
  const record = type as avsc.types.RecordType;
  const inFields = complex.fields.flatMap((field, index) => {
    const inner = record.fields[index]?.type;
    const here = [...at, 'fields', index];
    return inner
      ? [...badFieldExamples(field, inner, here), ...within(field.type, inner, [...here, 'type'])]
      : [];
  });
  return [...badRecordExamples(complex, record, at), ...inFields];
};

/** What avsc finds in a schema that is otherwise well formed: defaults and examples that are no values of their fields. */
export const avscFindings = (schema: AvroRecord): readonly Finding[] => {
  const message = failure(schema);
  return message === undefined
    ? within(schema, avroType(schema), [])
    : [firstBroken(schema) ?? { at: [], message }];
};
