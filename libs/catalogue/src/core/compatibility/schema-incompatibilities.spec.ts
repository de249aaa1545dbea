import type { AvroSchema } from '@soma/contracts';
import avsc from 'avsc';
import fc from 'fast-check';
import { schemaPair } from '../../../test/schemas.js';
import { schemaIncompatibilities } from './schema-incompatibilities.js';

const resolves = (reader: AvroSchema, writer: AvroSchema): boolean => {
  const [one, other] = [reader, writer].map((schema) =>
    avsc.Type.forSchema(structuredClone(schema) as avsc.Schema),
  );
  try {
    return one !== undefined && other !== undefined && one.createResolver(other) !== undefined;
  } catch {
    return false;
  }
};

describe('schemaIncompatibilities', () => {
  it('finds none exactly where avsc resolves the two', () => {
    const verdicts = { compatible: 0, incompatible: 0 };
    fc.assert(
      fc.property(schemaPair(false), ([a, b]) => {
        for (const [reader, writer] of [
          [a, b],
          [b, a],
        ] as const) {
          const found = schemaIncompatibilities(reader, writer);
          expect({ compatible: found.length === 0 }).toEqual({ compatible: resolves(reader, writer) });
          verdicts[found.length === 0 ? 'compatible' : 'incompatible'] += 1;
        }
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(verdicts.compatible, verdicts.incompatible)).toBeGreaterThan(500);
  });

  // avsc remembers a pair of records while it tries a union's branches, also if they failed: the second time it takes
  // them for compatible. So it may resolve what cannot be read, never the other way round.
  it('finds none only where avsc resolves the two, with records in unions', () => {
    fc.assert(
      fc.property(schemaPair(true), ([a, b]) => {
        if (schemaIncompatibilities(a, b).length === 0) expect(resolves(a, b)).toBe(true);
        if (!resolves(a, b)) expect(schemaIncompatibilities(a, b)).not.toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it('finds nothing between a schema and itself', () => {
    fc.assert(
      fc.property(schemaPair(true), ([schema]) => {
        expect(schemaIncompatibilities(schema, schema)).toEqual([]);
      }),
    );
  });

  const record = (...fields: object[]): AvroSchema =>
    ({ type: 'record', name: 'R', namespace: 'n', fields }) as AvroSchema;
  const enumOf = (symbols: string[], more: object = {}) => ({ type: 'enum', name: 'E', symbols, ...more });
  const one = (type: unknown, more: object = {}): AvroSchema => record({ name: 'f', type, ...more });
  const words = (reader: AvroSchema, writer: AvroSchema) =>
    schemaIncompatibilities(reader, writer).map(
      ({ kind, path, reader: expected, writer: given }) => `${kind} ${path}: ${given} → ${expected}`,
    );

  it.each([
    ['a field without a default', one('string'), record(), ['missing-field f:  → f']],
    ['a field with one', one('string', { default: '' }), record(), []],
    ['another type', one('long'), one('string'), ['type f: string → long']],
    ['a wider number', one('long'), one('int'), []],
    ['a narrower number', one('int'), one('long'), ['type f: long → int']],
    ['fewer symbols', one(enumOf(['a'])), one(enumOf(['a', 'b'])), ['symbols f: b → a']],
    ['fewer symbols and a default', one(enumOf(['a'], { default: 'a' })), one(enumOf(['a', 'b'])), []],
    ['a union without null', one('string'), one(['null', 'string']), ['branch f: null → string']],
    ['a wider union', one(['null', 'string']), one('string'), []],
    [
      'another fixed',
      one({ type: 'fixed', name: 'F', size: 4 }),
      one({ type: 'fixed', name: 'F', size: 8 }),
      ['size f: 8 → 4'],
    ],
    [
      'another name',
      one({ type: 'fixed', name: 'F', size: 4 }),
      one({ type: 'fixed', name: 'G', size: 4 }),
      ['name f: n.G → n.F'],
    ],
    [
      'another name that is an alias',
      one({ type: 'fixed', name: 'F', aliases: ['G'], size: 4 }),
      one({ type: 'fixed', name: 'G', size: 4 }),
      [],
    ],
    ['a renamed field', one('string'), record({ name: 'g', type: 'string' }), ['missing-field f:  → f']],
    [
      'a renamed field with an alias',
      one('string', { aliases: ['g'] }),
      record({ name: 'g', type: 'string' }),
      [],
    ],
    [
      'an ambiguous alias',
      one('string', { aliases: ['g'] }),
      record({ name: 'f', type: 'string' }, { name: 'g', type: 'string' }),
      ['alias f: f, g → f'],
    ],
    [
      'another scale',
      one({ type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }),
      one({ type: 'bytes', logicalType: 'decimal', precision: 9 }),
      ['decimal f: precision 9, scale 0 → precision 9, scale 2'],
    ],
    [
      'a list of records',
      one({ type: 'array', items: { type: 'record', name: 'I', fields: [{ name: 'x', type: 'int' }] } }),
      one({ type: 'array', items: { type: 'record', name: 'I', fields: [{ name: 'x', type: 'string' }] } }),
      ['type f.x: string → int'],
    ],
  ])('%s', (_, reader, writer, expected) => {
    expect(words(reader, writer)).toEqual(expected);
  });

  it('follows a type that contains itself, and names the place in both schemas', () => {
    const tree = (type: string): AvroSchema =>
      record({ name: 'value', type }, { name: 'left', type: ['null', 'R'], default: null });
    expect(schemaIncompatibilities(tree('int'), tree('string'))).toEqual([
      {
        kind: 'type',
        path: 'value',
        reader: 'int',
        writer: 'string',
        readerAt: ['fields', 0, 'type'],
        writerAt: ['fields', 0, 'type'],
      },
    ]);
  });
});
