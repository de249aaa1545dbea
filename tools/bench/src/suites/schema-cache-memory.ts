import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { topics } from '@soma/contracts';
import { Decoder, loadEncoder, type SchemaRegistry, WholeSchemas } from '@soma/kafka';
import { generatedEvents } from '../events.js';
import type { Measurement } from '../measurement.js';

const topic = 'settings.changed';
const decodes = 10_000_000;
const writers = 5;
/** One decode in so many has a schema id that nobody registered, each time another one. */
const unknownEvery = 5_000;
const firstUnknownId = 0x7000_0000;
const mebibyte = 1_048_576;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const heapMiB = (): number => {
  // Twice: finalizers of the first run free what the second one takes.
  collect();
  collect();
  return process.memoryUsage().heapUsed / mebibyte;
};

/** Values of the same events, written with several compatible versions of the schema. */
const writtenByMany = async (registry: SchemaRegistry, subject: string): Promise<Buffer[]> => {
  const { schema } = topics[topic];
  const events = await generatedEvents(topic, 200);
  const values: Buffer[] = [];
  for (let version = 0; version < writers; version += 1) {
    const added = Array.from({ length: version }, (_, index) => ({
      name: `added_${index}`,
      type: 'string',
      default: '',
    }));
    const written = { ...schema, fields: [...schema.fields, ...added] };
    await registry.register(subject, JSON.stringify(written));
    const encoder = await loadEncoder(registry, { topic, subject, schema: written });
    values.push(...events.map((event) => encoder.encode(event)));
  }
  return values;
};

/** Decodes so many values, one in `unknownEvery` with an id of its own that nobody registered. */
class Workload {
  unknown = 0;
  readonly #forged: Buffer;

  constructor(
    private readonly decoder: Decoder,
    private readonly values: readonly Buffer[],
  ) {
    this.#forged = Buffer.from(values[0] ?? []);
  }

  async decode(times: number, unknownEvery: number): Promise<void> {
    const { decoder, values } = this;
    for (let count = 1; count <= times; count += 1) {
      if (count % unknownEvery === 0) await this.#decodeUnknown();
      else {
        const result = decoder.decode(values[count % values.length] ?? null);
        if (result instanceof Promise) await result;
      }
    }
  }

  async #decodeUnknown(): Promise<void> {
    this.#forged.writeUInt32BE(firstUnknownId + this.unknown, 1);
    const before = this.unknown;
    await Promise.resolve(this.decoder.decode(this.#forged)).catch(() => (this.unknown += 1));
    if (this.unknown === before) throw new Error('a value with an unknown schema id was decoded');
  }
}

/** Heap after a full collection at a tenth of 10 million decodes and at their end. */
export const schemaCacheMemory = async (registry: SchemaRegistry, prefix: string): Promise<Measurement> => {
  const values = await writtenByMany(registry, prefix + topics[topic].subject);
  const workload = new Workload(new Decoder(topic, topics[topic].schema, new WholeSchemas(registry)), values);
  // Beforehand the cache is filled to its bound and the code and its connections have warmed up.
  await workload.decode(decodes / 10, 500);
  await workload.decode(decodes / 10, unknownEvery);
  const early = heapMiB();
  await workload.decode(decodes * 0.9, unknownEvery);
  const late = heapMiB();
  return {
    suite: 'serde',
    scenario: `${writers} known and ${workload.unknown} unknown schema ids`,
    metric: 'heap after 10M decodes',
    value: Number(late.toFixed(2)),
    unit: 'MiB',
    baseline: Number(early.toFixed(2)),
    ratio: Number((late / early).toFixed(3)),
    aim: 'growth since 1M ≤ 1 MiB',
    holds: late - early <= 1,
  };
};
