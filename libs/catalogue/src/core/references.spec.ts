import {
  type AvroNamed,
  type AvroRecord,
  type AvroSchema,
  fieldPaths,
  inlineReferences,
  namedTypes,
  referredNames,
  registrationOf,
} from '@soma/contracts';
import avsc from 'avsc';
import fc from 'fast-check';
import { invoices } from '../../test/invoices.js';
import { orders } from '../../test/orders.js';
import { schemaPair } from '../../test/schemas.js';
import { formatProblems } from '../problem.js';
import { checkFiles } from './check-files.js';
import { catalogueAgreement } from './compatibility/catalogue-agreement.js';
import { generateEvent } from './generate-event.js';
import { wholeSchema } from './whole-schema.js';

type Files = Readonly<Record<string, string>>;

const check = (files: Files) => checkFiles(Object.entries(files).map(([path, text]) => ({ path, text })));

const told = (files: Files): readonly string[] =>
  formatProblems(check(files).problems)
    .split('\n')
    .filter((line) => line !== '');

const edited = (path: keyof typeof invoices, from: string, to: string): Files => {
  if (!invoices[path].includes(from)) throw new Error(`no ${from} in ${path}`);
  return { ...invoices, [path]: invoices[path].replace(from, to) };
};

const topic = () => {
  const result = check(invoices);
  const found = result.ok ? result.catalogue.topics[0] : undefined;
  if (!found?.schema) throw new Error(formatProblems(result.problems));
  return { ...found, schema: found.schema };
};

describe('a schema that refers to types of other files', () => {
  it('is right, and is read against as a whole', () => {
    expect(told(invoices)).toEqual([]);
    expect(fieldPaths(topic().schema).map(({ path }) => path)).toEqual([
      'tenant',
      'lines',
      'lines.price',
      'lines.price.micros',
      'lines.price.currency',
      'lines.unit',
      'total',
      'total.micros',
      'total.currency',
      'paid',
      'paid.micros',
      'paid.currency',
    ]);
    expect(JSON.stringify(topic().schema)).not.toContain('examples');
  });

  it('is registered as it is written, after the types it refers to', () => {
    const { schema, direct, references } = registrationOf(topic()) ?? {};
    expect(JSON.parse(schema ?? '')).toEqual(JSON.parse(invoices['infra-ops/invoices.sent.avsc']));
    expect(direct).toEqual(['com.somastack.infra_ops.Line', 'com.somastack.identity_settings.Money']);
    expect(references?.map(({ name, subject, references: needs }) => [name, subject, needs])).toEqual([
      ['com.somastack.identity_settings.Money', 'com.somastack.identity_settings.Money', []],
      ['com.somastack.infra_ops.Unit', 'com.somastack.infra_ops.Unit', []],
      [
        'com.somastack.infra_ops.Line',
        'line',
        ['com.somastack.identity_settings.Money', 'com.somastack.infra_ops.Unit'],
      ],
    ]);
    expect(references?.map(({ schema: text }) => text).join('')).not.toContain('examples');
    expect(topic().spec.schema?.aliases).toEqual(['billing-value']);
  });

  it('makes events with the examples of those types', () => {
    const { schema, ...rest } = topic();
    const type = avsc.Type.forSchema(structuredClone(schema) as unknown as avsc.Schema);
    for (let index = 0; index < 50; index += 1) {
      const event = generateEvent({ ...rest, schema }, 1, index);
      expect(type.isValid(event?.value)).toBe(true);
      expect([1, 2, 3, 4, 5]).toContain((event?.value['total'] as { micros: number }).micros);
    }
  });

  it('is held against older versions as a whole, at the place where it refers', () => {
    const schema = wholeSchema(
      invoices['infra-ops/invoices.sent.avsc'],
      Object.values(invoices).filter((text) => text.startsWith('{')),
    ) as AvroRecord;
    const files = edited(
      'identity-settings/money.avsc',
      '"micros",\n      "type": "long"',
      '"micros",\n      "type": "string"',
    );
    const problems = catalogueAgreement(
      Object.entries(files).map(([path, text]) => ({ path, text })),
      new Map([['invoices.sent', { versions: [{ label: 'version 1', schema }] }]]),
    ).filter(({ severity }) => severity === 'error');
    const places = problems.map(({ file, line, path }) => `${file}:${line} ${path}`);
    expect(new Set(places)).toEqual(
      new Set([
        'infra-ops/invoices.sent.avsc:12 lines.price.micros',
        'infra-ops/invoices.sent.avsc:20 total.micros',
        'infra-ops/invoices.sent.avsc:25 paid.micros',
      ]),
    );
  });

  it('shares them with other topics', () => {
    const other = {
      'infra-ops/refunds.sent.yaml': invoices['infra-ops/invoices.sent.yaml']
        .replaceAll('invoices.sent', 'refunds.sent')
        .replace('  aliases: [billing-value]\n', ''),
      'infra-ops/refunds.sent.avsc': invoices['infra-ops/invoices.sent.avsc'].replace(
        'InvoiceSent',
        'RefundSent',
      ),
    };
    expect(told({ ...invoices, ...other })).toEqual([]);
    expect(told({ ...invoices, ...other, 'identity-settings/money.avsc': '{' })).toEqual([
      'identity-settings/money.avsc:1:2 — no JSON: here should stand a name in double quotes',
    ]);
  });
});

describe('of references it reports', () => {
  it.each<[string, Files, readonly string[]]>([
    [
      'a file that is not there',
      edited('infra-ops/invoices.sent.yaml', 'file: unit.avsc', 'file: units.avsc'),
      [
        'infra-ops/invoices.sent.yaml:14:51 schema.references[2].file — there is no file infra-ops/units.avsc; allowed: an .avsc file of the catalogue',
        'infra-ops/unit.avsc:1:1 — no topic names this schema; allowed: schema.file or schema.references of a spec',
      ],
    ],
    [
      'a file that defines another name',
      edited('infra-ops/unit.avsc', 'infra_ops.Unit', 'infra_ops.Units'),
      [
        'infra-ops/invoices.sent.yaml:14:15 schema.references[2].name — infra-ops/unit.avsc defines com.somastack.infra_ops.Units, not com.somastack.infra_ops.Unit; allowed: com.somastack.infra_ops.Units',
      ],
    ],
    [
      'a type that nothing uses',
      edited('infra-ops/line.avsc', '"Unit"', '"string"'),
      [
        'infra-ops/invoices.sent.yaml:14:15 schema.references[2].name — nothing in the schema uses com.somastack.infra_ops.Unit; allowed: a type that the schema uses by this name',
      ],
    ],
    [
      'types in a circle',
      edited('identity-settings/money.avsc', '"long"', '"com.somastack.infra_ops.Line"'),
      [
        'infra-ops/invoices.sent.yaml:12:7 schema.references[0] — the types refer to each other in a circle: com.somastack.infra_ops.Line → com.somastack.identity_settings.Money → com.somastack.infra_ops.Line; allowed: types in one file if they need each other',
      ],
    ],
    [
      'an alias that is the subject',
      edited('infra-ops/invoices.sent.yaml', 'billing-value', 'invoices.sent-value'),
      [
        'infra-ops/invoices.sent.yaml:10:13 schema.aliases[0] — the subject invoices.sent-value is already that of infra-ops/invoices.sent.yaml; allowed: another subject',
      ],
    ],
    [
      'a subject of a type that is that of a topic',
      {
        ...edited('infra-ops/invoices.sent.yaml', 'subject: line', 'subject: orders.created-value'),
        ...orders,
      },
      [
        'infra-ops/orders.created.yaml:13:3 schema.subject — the subject orders.created-value is already that of the type com.somastack.infra_ops.Line; allowed: another subject',
      ],
    ],
    [
      'a path that leads elsewhere',
      edited('infra-ops/invoices.sent.yaml', 'file: line.avsc', 'file: ../../line.avsc'),
      [
        'infra-ops/invoices.sent.yaml:12:51 schema.references[0].file — "../../line.avsc" does not fit; allowed: the name of an .avsc file in the same folder, or ../<squad>/<name>.avsc',
        'infra-ops/line.avsc:1:1 — no topic names this schema; allowed: schema.file or schema.references of a spec',
      ],
    ],
  ])('%s', (_, files, expected) => {
    expect(told(files)).toEqual(expected);
  });
});

/** Takes every named type that needs none of the types around it out of a schema. */
const takeApart = (root: AvroRecord): { main: AvroRecord; types: Map<string, AvroNamed> } => {
  const types = new Map<string, AvroNamed>();
  const names = [...namedTypes(root).keys()];
  const visit = (schema: AvroSchema): AvroSchema => {
    if (typeof schema === 'string') return schema;
    if (Array.isArray(schema)) return schema.map(visit);
    const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>;
    if (type.type === 'array') return { ...type, items: visit(type.items) };
    if (type.type === 'map') return { ...type, values: visit(type.values) };
    if (type.type !== 'record' && type.type !== 'enum' && type.type !== 'fixed') return type;
    const inside =
      type.type === 'record'
        ? { ...type, fields: type.fields.map((field) => ({ ...field, type: visit(field.type) })) }
        : type;
    const moved = { ...inside, namespace: 'n' } as AvroNamed;
    const open = referredNames(moved, names).filter((name) => !types.has(name));
    if (open.length > 0) return inside;
    types.set(`n.${type.name}`, moved);
    return `n.${type.name}`;
  };
  const fields = root.fields.map((field) => ({ ...field, type: visit(field.type) }));
  return { main: { ...root, fields }, types };
};

it('puts together what was taken apart', () => {
  let apart = 0;
  fc.assert(
    fc.property(schemaPair(true), ([schema]) => {
      const root = { ...(schema as AvroRecord), namespace: 'n' };
      const { main, types } = takeApart(root);
      apart += types.size;
      const canonical = (one: AvroSchema) =>
        avsc.Type.forSchema(structuredClone(one) as avsc.Schema).schema({ exportAttrs: true });
      expect(canonical(inlineReferences(main, types))).toEqual(canonical(root));
      const whole = wholeSchema(
        JSON.stringify(main),
        [...types.values()].map((type) => JSON.stringify(type)),
      );
      expect(whole && canonical(whole)).toEqual(canonical(root));
    }),
    { numRuns: 1000 },
  );
  expect(apart).toBeGreaterThan(500);
});
