import { type AvroSchema, registrationOf } from '@soma/contracts';
import fc from 'fast-check';
import { invoices } from '../../../test/invoices.js';
import { orders } from '../../../test/orders.js';
import { schemaPair } from '../../../test/schemas.js';
import { catalogueTopic } from '../catalogue-topic.js';
import { checkFiles } from '../check-files.js';
import { readSpecs } from '../read-specs.js';
import { importSchema } from './import-schema.js';

const imported = (text: string, more: object = {}) =>
  importSchema({
    files: [{ path: 'old/event.avsc', text }],
    topic: 'old.events',
    squad: 'infra-ops',
    catalogue: [],
    ...more,
  });

const record = (more: object = {}, ...fields: object[]): string =>
  JSON.stringify({
    type: 'record',
    name: 'Old',
    fields: [{ name: 'id', type: 'string' }, ...fields],
    ...more,
  });

/** JSON as other tools write it: other indents, blanks, escapes. */
const written = (schema: AvroSchema) =>
  fc
    .tuple(fc.constantFrom(0, 2, '\t'), fc.constantFrom('', '\n', '\r\n', '  '), fc.boolean())
    .map(([indent, end, escape]) => {
      const text = `${JSON.stringify(schema, null, indent)}${end}`;
      return escape ? text.replaceAll('record', String.raw`re\u0063ord`) : text;
    });

describe('importSchema', () => {
  it('registers what was imported, to the last attribute', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        schemaPair(true).chain(([schema]) =>
          fc
            .dictionary(fc.constantFrom('owner', 'x-note', '__proto__', '7'), fc.jsonValue({ maxDepth: 2 }))
            .chain((extra) => written({ ...extra, ...(schema as object) } as unknown as AvroSchema)),
        ),
        (text) => {
          const result = imported(text);
          if (!result.ok) return;
          expect(result.files[1]).toEqual({
            path: 'infra-ops/old.events.avsc',
            text,
            from: 'old/event.avsc',
          });
          const topics = readSpecs(result.files).flatMap(catalogueTopic);
          const registration = topics[0] && registrationOf(topics[0]);
          if (!registration) return;
          compared += 1;
          expect(registration.schema).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  it('says what the author must fill in', () => {
    const result = imported(record({}, { name: 'email', type: 'string' }));
    expect(result.ok && result.files[0]?.text).toBe(`topic: "old.events"
owner: "infra-ops"
description: "What old.events tells."
partitions: 3
replicationFactor: 3
config:
  min.insync.replicas: 2
key: { field: id, doc: "Events of one id are in order." }
schema:
  file: "old.events.avsc"
  compatibility: FULL_TRANSITIVE
classification:
  level: confidential
  personal: [email]
`);
    expect(result.ok && result.todo.map(({ message }) => message)).toEqual([
      'the record has no doc',
      'the namespace is missing',
      'the field id has no doc',
      'the field email has no doc',
    ]);
  });

  it('makes a topic of a schema and the types it refers to, whatever their order', () => {
    const files = [
      'infra-ops/unit.avsc',
      'infra-ops/invoices.sent.avsc',
      'identity-settings/money.avsc',
      'infra-ops/line.avsc',
    ].map((path) => ({
      path: `old/${path}`,
      text: invoices[path as keyof typeof invoices].replaceAll(/,\s*"examples": \[[^\]]*\]/g, ''),
    }));
    const result = importSchema({ files, topic: 'invoices.sent', squad: 'infra-ops', catalogue: [] });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.files.map(({ path }) => path)).toEqual([
      'infra-ops/invoices.sent.yaml',
      'infra-ops/invoices.sent.avsc',
      'infra-ops/unit.avsc',
      'infra-ops/money.avsc',
      'infra-ops/line.avsc',
    ]);
    expect(result.todo).toEqual([]);
    expect(checkFiles(result.files)).toMatchObject({ ok: true, problems: [] });
  });

  it.each<[string, string, object, string]>([
    ['what is no JSON', '{', {}, 'no JSON'],
    ['what has no name', '"string"', {}, 'this is no type with a name'],
    ['what is no record', '{"type":"enum","name":"E","symbols":["a"]}', {}, 'which of them is the schema'],
    ['what is no Avro', record({}, { name: 'x', type: 'lang' }), {}, 'unknown type lang'],
    [
      'attributes of the catalogue',
      record({}, { name: 'x', type: 'int', examples: [1] }),
      {},
      'examples would not be registered',
    ],
    [
      'numbers that would change',
      record({}, { name: 'x', type: 'long', default: 1 }).replace(':1}', ':9007199254740993}'),
      {},
      'the number 9007199254740993',
    ],
    ['an unknown squad', record(), { squad: 'moon' }, 'moon is no squad'],
    ['a topic that has no such name', record(), { topic: 'old events' }, 'does not fit'],
    [
      'a topic that is there',
      record(),
      { topic: 'orders.created', catalogue: Object.entries(orders).map(([path, text]) => ({ path, text })) },
      'is there already',
    ],
    [
      'a name that Kafka takes for the same',
      record(),
      { topic: 'orders_created', catalogue: Object.entries(orders).map(([path, text]) => ({ path, text })) },
      'clashes with',
    ],
  ])('refuses %s', (_, text, more, message) => {
    const result = imported(text, more);
    expect(result.ok ? [] : result.problems.map((one) => one.message)).toContainEqual(
      expect.stringContaining(message),
    );
  });
});
