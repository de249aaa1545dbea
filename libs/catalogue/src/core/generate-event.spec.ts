import type { AvroRecord, AvroSchema, CatalogueTopic } from '@soma/contracts';
import fc from 'fast-check';
import { shippedSchemas } from '../../test/directory.js';
import { loadCatalogue } from '../load-catalogue.js';
import { avroType } from './avro-type.js';
import { generateEvent } from './generate-event.js';

const shipped = async (): Promise<readonly CatalogueTopic[]> => {
  const result = await loadCatalogue(shippedSchemas);
  return result.ok ? result.catalogue.topics : [];
};

const topicOf = (annotated: AvroRecord, base: CatalogueTopic): CatalogueTopic => ({
  spec: base.spec,
  annotated,
});

describe('for every shipped topic', () => {
  it('generates values that its schema takes, that come back as they were, with the key of its spec', async () => {
    const topics = await shipped();
    expect(topics).toHaveLength(8);
    for (const topic of topics) {
      const type = avroType(topic.schema as AvroRecord);
      fc.assert(
        fc.property(fc.integer(), fc.nat(1_000_000), (seed, index) => {
          const event = generateEvent(topic, seed, index);
          expect(type.isValid(event?.value)).toBe(true);
          const read = type.fromBuffer(type.toBuffer(event?.value)) as object;
          expect({ ...read }).toEqual(event?.value);
          expect(event?.key).toBe(event?.value[topic.spec.key?.field ?? '']);
        }),
      );
    }
  });

  it('generates the same event again for the same seed and index, and another one otherwise', async () => {
    for (const topic of await shipped()) {
      const series = (seed: number): readonly string[] =>
        Array.from({ length: 50 }, (_, index) => JSON.stringify(generateEvent(topic, seed, index)));
      expect(series(7)).toEqual(series(7));
      expect(series(7)).not.toEqual(series(8));
      expect(new Set(series(7)).size).toBe(50);
    }
  });

  it('repeats keys, as many as asked for, and lets time advance', async () => {
    for (const topic of await shipped()) {
      const events = Array.from({ length: 400 }, (_, index) => generateEvent(topic, 1, index, { keys: 20 }));
      expect(new Set(events.map((event) => event?.key)).size).toBe(20);
      const times = events.map((event) => Number(event?.value['at'] ?? event?.value['timestamp']));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 1));
    }
  });
});

it('keeps together what a whole example says together', async () => {
  const topics = await shipped();
  const topic = topics.find(({ spec }) => spec.topic === 'infra.notifications');
  for (let index = 0; index < 200; index += 1) {
    const { key, value } = generateEvent(topic as CatalogueTopic, 3, index) ?? { key: '', value: {} };
    const row = topic?.annotated?.examples?.find((example) => example['dedupe_key'] === key);
    expect(value).toMatchObject(row ?? { missing: key });
  }
});

it('leaves the other values as they were when a field is added', async () => {
  const [topic] = await shipped();
  const before = topic as CatalogueTopic & { annotated: AvroRecord };
  const fields = [{ name: 'added', type: 'string', doc: 'New.', default: '' }, ...before.annotated.fields];
  const after = topicOf({ ...before.annotated, fields }, before);
  const { added, ...rest } = generateEvent(after, 5, 9)?.value ?? {};
  expect(typeof added).toBe('string');
  expect(rest).toEqual(generateEvent(before, 5, 9)?.value);
});

it('generates nothing for a topic without a schema', async () => {
  const [topic] = await shipped();
  expect(generateEvent({ spec: (topic as CatalogueTopic).spec }, 1, 0)).toBeUndefined();
});

const primitives = fc.constantFrom<AvroSchema>(
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
  { type: 'string', logicalType: 'uuid' },
  { type: 'long', logicalType: 'timestamp-millis' },
  { type: 'long', logicalType: 'timestamp-micros' },
  { type: 'int', logicalType: 'date' },
  { type: 'int', logicalType: 'time-millis' },
);

/** Schemas with every kind of type in them; names are given afterwards, so that none occurs twice. */
const { schema } = fc.letrec<{ schema: AvroSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    primitives,
    fc.constant<AvroSchema>({ type: 'enum', name: '?', symbols: ['A', 'B', 'C'] }),
    fc.constant<AvroSchema>({ type: 'fixed', name: '?', size: 3 }),
    tie('schema').map((items): AvroSchema => ({ type: 'array', items })),
    tie('schema').map((values): AvroSchema => ({ type: 'map', values })),
    primitives.map((branch): AvroSchema => ['null', branch]),
    fc.array(tie('schema'), { maxLength: 3 }).map((types): AvroSchema => ({
      type: 'record',
      name: '?',
      fields: types.map((type, index) => ({ name: `f${index}`, type })),
    })),
  ),
}));

it('generates valid values for any schema', async () => {
  const [base] = await shipped();
  fc.assert(
    fc.property(
      fc.array(schema, { minLength: 1, maxLength: 5 }),
      fc.integer(),
      fc.nat(),
      (types, seed, index) => {
        let names = 0;
        const record = JSON.parse(
          JSON.stringify({
            type: 'record',
            name: 'Root',
            fields: types.map((type, at) => ({ name: `f${at}`, type })),
          }).replaceAll('"?"', () => `"T${(names += 1)}"`),
        ) as AvroRecord;
        const event = generateEvent(topicOf(record, base as CatalogueTopic), seed, index);
        expect(avroType(record).isValid(event?.value)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

it('ends in a type that contains itself', async () => {
  const [base] = await shipped();
  const tree: AvroRecord = {
    type: 'record',
    name: 'Tree',
    namespace: 'com.example',
    fields: [
      { name: 'left', type: ['null', 'Tree'] },
      { name: 'branches', type: { type: 'array', items: 'com.example.Tree' } },
    ],
  };
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const event = generateEvent(topicOf(tree, base as CatalogueTopic), seed, 0);
      expect(avroType(tree).isValid(event?.value)).toBe(true);
    }),
  );
});
