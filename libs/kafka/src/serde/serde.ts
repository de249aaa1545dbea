import { isDeepStrictEqual } from 'node:util';
import {
  type AvroSchema,
  type EventInput,
  type EventOf,
  type TopicName,
  topics,
  withFullNames,
} from '@soma/contracts';
import { KafkaError } from '../errors.js';
import type { SchemaRegistry } from '../registry/registry.js';
import { WholeSchemas } from '../registry/whole-schemas.js';
import { avroType } from './avro-type.js';
import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';

/**
 * Events to bytes and back, for every topic of the contracts, in the Confluent wire format. Schemas are
 * looked up, never registered: that is the topic-provisioner's right alone.
 */
export class EventSerde {
  readonly #encoders = new Map<TopicName, Promise<Encoder>>();
  readonly #decoders = new Map<TopicName, Decoder>();
  readonly #schemas: WholeSchemas;

  /** `subjectPrefix` stands before every subject, as the topic prefix before every topic. */
  constructor(
    private readonly registry: SchemaRegistry,
    private readonly subjectPrefix = '',
  ) {
    this.#schemas = new WholeSchemas(registry);
  }

  /** The encoder of a topic; throws `SCHEMA_NOT_REGISTERED`, or transiently `REGISTRY_UNAVAILABLE`. */
  encoder(topic: TopicName): Promise<Encoder> {
    const known = this.#encoders.get(topic);
    if (known) return known;
    const loading = this.#loadEncoder(topic);
    this.#encoders.set(topic, loading);
    loading.catch(() => this.#encoders.delete(topic));
    return loading;
  }

  /** The bytes of one event; throws `EventInvalidError` and what `encoder` throws. */
  async encode<T extends TopicName>(topic: T, event: EventInput<T>): Promise<Buffer> {
    return (await this.encoder(topic)).encode(event);
  }

  decoder(topic: TopicName): Decoder {
    let decoder = this.#decoders.get(topic);
    if (!decoder) {
      decoder = new Decoder(topic, topics[topic].schema, this.#schemas);
      this.#decoders.set(topic, decoder);
    }
    return decoder;
  }

  /** The event in these bytes, in the shape the reader was compiled against. */
  async decode<T extends TopicName>(topic: T, value: Buffer | null): Promise<EventOf<T>> {
    return (await this.decoder(topic).decode(value)) as EventOf<T>;
  }

  #loadEncoder(topic: TopicName): Promise<Encoder> {
    const { schema, subject } = topics[topic];
    const wanted = { topic, subject: this.subjectPrefix + subject, schema };
    return loadEncoder(this.registry, wanted, this.#schemas);
  }
}

/** Content of a schema's text, in which it does not matter how names are written; undefined if it is none. */
const contentOf = (text: string): AvroSchema | undefined => {
  try {
    return withFullNames(JSON.parse(text) as AvroSchema);
  } catch {
    return undefined;
  }
};

/** The id of the newest version that is this schema once the types that it refers to are written out. */
const idAsWhole = async (
  registry: SchemaRegistry,
  schemas: WholeSchemas,
  subject: string,
  text: string,
): Promise<number | undefined> => {
  const schema = contentOf(text);
  for (const version of (await registry.versions(subject)).toReversed()) {
    const found = await schemas.version(subject, version);
    if (found?.references?.length && isDeepStrictEqual(contentOf(found.whole), schema)) return found.id;
  }
  return undefined;
};

/**
 * The encoder of any whole schema that stands in the registry, by its text or with the types that it refers to under
 * subjects of their own; throws `SCHEMA_NOT_REGISTERED` when it does not, or transiently `REGISTRY_UNAVAILABLE`.
 */
export const loadEncoder = async (
  registry: SchemaRegistry,
  { topic, subject, schema }: { readonly topic: string; readonly subject: string; readonly schema: unknown },
  schemas = new WholeSchemas(registry),
): Promise<Encoder> => {
  const text = JSON.stringify(schema);
  const found = await registry.lookup(subject, text);
  const id = found ? found.id : await idAsWhole(registry, schemas, subject, text);
  if (id !== undefined) return new Encoder(topic, avroType(schema), id);
  const message = `the schema of ${topic} that this program has is not registered under ${subject}: run \`npx soma topics apply\``;
  throw new KafkaError('SCHEMA_NOT_REGISTERED', message);
};
