import { type AvroNamed, type AvroSchema, fullName, namespaceOf } from '@soma/contracts';
import { bytes, primitive, words } from './generate-primitive.js';
import { type Random, randomOf } from './random.js';

/** Where and when a value is made; equal circumstances make equal values. */
export interface Circumstances {
  /** Names the randomness: seed, index of the event, path of the field. */
  readonly name: string;
  /** Time of the event, milliseconds since the epoch. */
  readonly at: number;
  readonly namespace: string;
  readonly definitions: ReadonlyMap<string, AvroNamed>;
  readonly depth: number;
  readonly examples: readonly unknown[];
}

type Complex = Exclude<AvroSchema, string | readonly AvroSchema[]>;

// Deeper than any event a squad sends: a type that contains itself has to end somewhere.
const deepest = 4;

const lengthAt = (random: Random, depth: number): number => (depth >= deepest ? 0 : random.whole(0, 3));

const complex = (type: Complex, random: Random, where: Circumstances): unknown => {
  const inner = (name: string, schema: AvroSchema): unknown =>
    generateValue(schema, {
      ...where,
      name: `${where.name}/${name}`,
      depth: where.depth + 1,
      examples: [],
    });
  switch (type.type) {
    case 'record': {
      const namespace = namespaceOf(fullName(type, where.namespace));
      const rows = where.examples.length > 0 ? where.examples : (type.examples ?? []);
      const row = rows.length > 0 ? (random.pick(rows) as Readonly<Record<string, unknown>>) : {};
      return Object.fromEntries(
        type.fields.map((field) => {
          const name = `${where.name}/${field.name}`;
          const examples = Object.hasOwn(row, field.name) ? [row[field.name]] : (field.examples ?? []);
          return [
            field.name,
            generateValue(field.type, { ...where, name, namespace, depth: where.depth + 1, examples }),
          ];
        }),
      );
    }
    case 'enum':
      return random.pick(type.symbols);
    case 'fixed':
      return bytes(random, type.size);
    case 'array':
      return Array.from({ length: lengthAt(random, where.depth) }, (_, index) =>
        inner(String(index), type.items),
      );
    case 'map':
      return Object.fromEntries(
        Array.from({ length: lengthAt(random, where.depth) }, (_, index) => [
          `${random.pick(words)}_${index}`,
          inner(String(index), type.values),
        ]),
      );
    default:
      return primitive(type.type, type.logicalType, random, where);
  }
};

const isNull = (schema: AvroSchema): boolean =>
  schema === 'null' || (typeof schema === 'object' && 'type' in schema && schema.type === 'null');

const union = (branches: readonly AvroSchema[], random: Random, where: Circumstances): unknown => {
  const nothing = branches.some(isNull);
  const examples = where.examples.filter((example) => example !== null);
  const chosen = where.examples.length > 0 ? random.pick(where.examples) : undefined;
  if (nothing && (chosen === null || where.depth >= deepest)) return null;
  const values = branches.filter((branch) => !isNull(branch));
  // Examples of several types: which of them belongs to which branch, only the example itself knows.
  if (chosen !== undefined && values.length > 1) return chosen;
  return generateValue(random.pick(chosen === undefined ? branches : values), {
    ...where,
    name: `${where.name}/`,
    examples,
  });
};

/** A value of the schema: from the examples where they say it, made up where they do not. Avro's null branch ends recursion. */
export const generateValue = (schema: AvroSchema, where: Circumstances): unknown => {
  const random = randomOf(where.name);
  if (Array.isArray(schema)) return union(schema as readonly AvroSchema[], random, where);
  if (typeof schema === 'string') {
    const name = [fullName({ name: schema }, where.namespace), schema].find((one) =>
      where.definitions.has(one),
    );
    const definition = where.definitions.get(name ?? '');
    if (name === undefined || !definition) return primitive(schema, undefined, random, where);
    return generateValue(definition, { ...where, namespace: namespaceOf(name) });
  }
  const type = schema as Complex;
  const whole = ['enum', 'fixed', 'array', 'map'].includes(type.type) && where.examples.length > 0;
  return whole ? random.pick(where.examples) : complex(type, random, where);
};
