import { type AvroRecord, inlineReferences } from '@soma/contracts';
import { platform, uniqueName } from '@soma/testing';
import { SchemaRegistry } from '../registry/registry.js';
import { WholeSchemas } from '../registry/whole-schemas.js';
import { testConnection } from '../testing/index.js';
import { Decoder } from './decoder.js';
import type { Encoder } from './encoder.js';
import { loadEncoder } from './serde.js';

const settings = testConnection(platform()).registry;
const registry = new SchemaRegistry(settings);
const prefix = uniqueName('references');
const [money, line, orders] = [`${prefix}-money`, `${prefix}-line`, `${prefix}-orders`];
const namespace = 'probe.refs';

const record = (name: string, ...fields: AvroRecord['fields']): AvroRecord => ({
  type: 'record',
  name,
  namespace,
  fields,
});
const note = { name: 'note', type: 'string', default: '' };
const moneyType = (...more: AvroRecord['fields']) =>
  record('Money', { name: 'micros', type: 'long' }, ...more);
const lineType = record('Line', { name: 'price', type: 'Money' });
const orderType = record(
  'Order',
  { name: 'lines', type: { type: 'array', items: `${namespace}.Line` } },
  { name: 'total', type: `${namespace}.Money` },
);
/** What a program is compiled against. */
const whole = (...more: AvroRecord['fields']): AvroRecord =>
  inlineReferences(
    orderType,
    new Map([
      [`${namespace}.Money`, moneyType(...more)],
      [`${namespace}.Line`, lineType],
    ]),
  );

const at = (subject: string, name: string, version: number) => ({
  name: `${namespace}.${name}`,
  subject,
  version,
});

/** Registers one version of the three, the types that are referred to first; answers the id of the order. */
const registerAll = async (version: number, ...more: AvroRecord['fields']): Promise<number> => {
  const amount = at(money, 'Money', version);
  await registry.register(money, JSON.stringify(moneyType(...more)));
  await registry.register(line, JSON.stringify(lineType), [amount]);
  return registry.register(orders, JSON.stringify(orderType), [at(line, 'Line', version), amount]);
};

const ids: number[] = [];
const encoderOf = (schema: AvroRecord): Promise<Encoder> =>
  loadEncoder(registry, { topic: 'orders', subject: orders, schema });

beforeAll(async () => {
  ids.push(await registerAll(1), await registerAll(2, note));
});

afterAll(async () => {
  // The latest first: a schema that others refer to cannot go before them.
  for (const subject of [orders, line, money]) await registry.deleteSubject(subject);
});

const order = { lines: [{ price: { micros: 2 } }, { price: { micros: 3 } }], total: { micros: 5 } };

it('takes the id of the version that is the compiled schema, also when a later one is another', async () => {
  expect((await encoderOf(whole())).encode(order).readUInt32BE(1)).toBe(ids[0]);
  const noted = { lines: [], total: { micros: 5, note: 'paid' } };
  expect((await encoderOf(whole(note))).encode(noted).readUInt32BE(1)).toBe(ids[1]);
  const unregistered = encoderOf(whole({ name: 'other', type: 'string', default: '' }));
  await expect(unregistered).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
});

it('reads what was written with references, across versions of the type, and asks for each once', async () => {
  const asking = new SchemaRegistry(settings);
  const decoder = new Decoder('orders', whole(note), new WholeSchemas(asking));
  const [first, second] = [await encoderOf(whole()), await encoderOf(whole(note))];
  const noted = { lines: [], total: { micros: 5, note: 'paid' } };
  for (let round = 0; round < 3; round += 1) {
    expect(JSON.parse(JSON.stringify(await decoder.decode(first.encode(order))))).toEqual({
      lines: [{ price: { micros: 2, note: '' } }, { price: { micros: 3, note: '' } }],
      total: { micros: 5, note: '' },
    });
    expect(JSON.parse(JSON.stringify(await decoder.decode(second.encode(noted))))).toEqual(noted);
  }
  // Two writers; of each the line and, once though two refer to it, the money.
  expect(asking.requests).toEqual(
    new Map([
      ['GET /schemas/ids/{}', 2],
      ['GET /subjects/{}/versions/{}', 4],
    ]),
  );
});

it('WholeSchemas writes out what a version refers to, and leaves a text without references as it stands', async () => {
  const schemas = new WholeSchemas(registry);
  expect(JSON.parse((await schemas.byId(ids[0] ?? 0)) ?? '')).toEqual(whole());
  expect(JSON.parse((await schemas.version(orders, 2))?.whole ?? '')).toEqual(whole(note));
  expect((await schemas.version(money, 1))?.whole).toBe(JSON.stringify(moneyType()));
  expect(await schemas.version(orders, 9)).toBeUndefined();
  expect(await schemas.byId(0x7000_0000)).toBeUndefined();
});
