import avro from 'avsc';
import fc from 'fast-check';
import { topics } from '@soma/contracts';
import { EventInvalidError, KafkaError } from '../errors.js';
import { avroType } from './avro-type.js';
import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';
import { schemaIdOf } from './wire-format.js';

const { schema } = topics['settings.changed'];
const type = avroType(schema);
const event = {
  tenant: 'acme',
  version: 3,
  hash: 'ab',
  changed_keys: ['model.default'],
  at: 1_780_300_800_000,
};

/** avsc takes longs up to here: 2^53-1 itself could be a rounded neighbour. */
const largestLong = 2 ** 53 - 2;

const settings = fc.record({
  tenant: fc.string(),
  version: fc.integer({ min: -(2 ** 52), max: largestLong }),
  hash: fc.string({ maxLength: 80_000 }),
  changed_keys: fc.array(fc.string()),
  at: fc.nat({ max: largestLong }),
});

/** Schemas by id, as the registry would give them; the serde tests against the registry are in serde.int.spec.ts. */
const schemas = (texts: Readonly<Record<number, string>>) => {
  const asked: number[] = [];
  return { asked, byId: (id: number) => (asked.push(id), Promise.resolve(texts[id])) };
};

const problemOf = async (decode: () => unknown): Promise<KafkaError> => {
  try {
    await decode();
  } catch (error) {
    return error as KafkaError;
  }
  throw new Error('decoded what cannot be decoded');
};

describe('Encoder and Decoder', () => {
  it('bring every event back as it was, over slab borders and for events larger than a slab', () =>
    fc.assert(
      fc.asyncProperty(fc.array(settings, { maxLength: 20 }), async (events) => {
        const encoder = new Encoder('settings.changed', type, 7);
        const decoder = new Decoder('settings.changed', schema, schemas({ 7: JSON.stringify(schema) }));
        const bytes = events.map((one) => encoder.encode(one));
        for (const [index, one] of bytes.entries()) {
          expect(schemaIdOf(one)).toBe(7);
          expect({ ...((await decoder.decode(one)) as object) }).toEqual(events[index]);
        }
      }),
      { numRuns: 60 },
    ));

  it('writes the same payload as avsc itself', () => {
    const bytes = new Encoder('settings.changed', type, 258).encode(event);
    expect(bytes.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 1, 2]));
    expect(bytes.subarray(5)).toEqual(type.toBuffer(event));
  });

  it('names every field that does not fit, and writes nothing', () => {
    const encoder = new Encoder('settings.changed', type, 1);
    const wrong = { tenant: 5, version: 1.5, changed_keys: ['a', 2], at: 0 };
    expect(() => encoder.encode(wrong)).toThrow(EventInvalidError);
    try {
      encoder.encode(wrong);
    } catch (error) {
      const { problems, message } = error as EventInvalidError;
      expect(problems.map(({ path }) => path)).toEqual(['tenant', 'version', 'hash', 'changed_keys.1']);
      expect(message).toContain('tenant: 5 is no string');
      expect(message).toContain('hash: is missing string');
    }
  });

  it('refuses a number that Avro would not carry exactly', () => {
    const encoder = new Encoder('settings.changed', type, 1);
    for (const version of [-(2 ** 52) - 1, Number.MIN_SAFE_INTEGER, 2 ** 53 - 1, 0.5, NaN]) {
      expect(() => encoder.encode({ ...event, version })).toThrow(EventInvalidError);
    }
  });

  it('fills in defaults, so that a reader built against a newer schema reads older events', async () => {
    const older = { ...schema, fields: schema.fields.filter(({ name }) => name !== 'changed_keys') };
    const writer = avro.Type.forSchema(older as unknown as avro.Schema);
    const bytes = new Encoder('settings.changed', writer, 1).encode({
      tenant: 'acme',
      version: 3,
      hash: 'ab',
      at: 4,
    });
    const decoder = new Decoder('settings.changed', schema, schemas({ 1: JSON.stringify(older) }));
    expect({ ...((await decoder.decode(bytes)) as object) }).toEqual({
      tenant: 'acme',
      version: 3,
      hash: 'ab',
      changed_keys: [],
      at: 4,
    });
  });

  it('asks for each schema once, also when many events need it at the same time', async () => {
    const registry = schemas({ 1: JSON.stringify(schema) });
    const decoder = new Decoder('settings.changed', schema, registry);
    const bytes = new Encoder('settings.changed', type, 1).encode(event);
    await Promise.all(Array.from({ length: 50 }, () => decoder.decode(bytes)));
    expect(decoder.decode(bytes)).not.toBeInstanceOf(Promise);
    expect(registry.asked).toEqual([1]);
  });

  it('asks again for an unknown id only after a while', async () => {
    let now = 0;
    const registry = schemas({});
    const decoder = new Decoder('settings.changed', schema, registry, () => now);
    const bytes = new Encoder('settings.changed', type, 9).encode(event);
    expect((await problemOf(() => decoder.decode(bytes))).code).toBe('SCHEMA_UNKNOWN');
    expect((await problemOf(() => decoder.decode(bytes))).code).toBe('SCHEMA_UNKNOWN');
    expect(registry.asked).toEqual([9]);
    now = 10_001;
    await problemOf(() => decoder.decode(bytes));
    expect(registry.asked).toEqual([9, 9]);
  });

  it('refuses arbitrary bytes with a code, never with a crash or a wrong event', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        const decoder = new Decoder('settings.changed', schema, schemas({ 0: JSON.stringify(schema) }));
        const value = Buffer.from([0, 0, 0, 0, 0, ...bytes]);
        try {
          const decoded = await decoder.decode(value);
          expect(type.isValid(decoded)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(KafkaError);
          expect((error as KafkaError).code).toBe('PAYLOAD_UNDECODABLE');
        }
      }),
    ));

  it.each([
    ['a tombstone', null, 'the value is empty (a tombstone)'],
    ['too few bytes', Buffer.from([0, 0]), 'the value has 2 bytes, its header alone takes 5'],
    ['JSON', Buffer.from('{"tenant":"acme"}'), 'the value starts with byte 123, not with the magic byte 0'],
  ])('says what is wrong with %s', async (_, value, message) => {
    const decoder = new Decoder('settings.changed', schema, schemas({}));
    const problem = await problemOf(() => decoder.decode(value));
    expect(problem).toMatchObject({ code: 'PAYLOAD_UNDECODABLE', message });
  });
});
