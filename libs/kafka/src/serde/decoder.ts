import type avro from 'avsc';
import { KafkaError, messageOf } from '../errors.js';
import type { WholeSchemas } from '../registry/whole-schemas.js';
import { avroType } from './avro-type.js';
import { headerLength, schemaIdOf } from './wire-format.js';

/** Ids that the registry does not know are asked for again after this long: a producer may be ahead of a replica. */
const unknownIdTtlMs = 10_000;
/** More writer versions of one topic than anybody runs; bounds what forged ids can take. */
const maxWriters = 1_000;

/** Reads one writer's bytes into the reader's shape; `offset` is negative when the bytes end early. */
type Read = (value: Buffer) => unknown;

type Writer = { readonly read: Read } | { readonly unknownUntil: number };

/** No schema id: they are unsigned. */
const noId = -1;

/**
 * Reads values of one topic into the shape of the schema the reader was compiled against, whichever
 * compatible version wrote them. Writer schemas come from the registry once and are kept.
 */
export class Decoder {
  readonly #writers = new Map<number, Writer>();
  readonly #loading = new Map<number, Promise<Read>>();
  readonly #reader: avro.Type;
  // Nearly every event of a topic has the writer of the one before it: that one needs no look-up.
  #lastId = noId;
  #lastRead: Read = () => undefined;

  constructor(
    private readonly topic: string,
    readerSchema: unknown,
    private readonly schemas: Pick<WholeSchemas, 'byId'>,
    private readonly now: () => number = Date.now,
  ) {
    this.#reader = avroType(readerSchema);
  }

  /** The event, or a promise of it when its writer's schema has to be fetched first. Errors as in `load`. */
  decode(value: Buffer | null): unknown {
    const id = schemaIdOf(value);
    if (id === this.#lastId) return this.#lastRead(value as Buffer);
    const writer = this.#writers.get(id);
    if (writer && 'read' in writer) {
      this.#lastId = id;
      this.#lastRead = writer.read;
      return writer.read(value as Buffer);
    }
    return this.#load(id).then((read) => read(value as Buffer));
  }

  /** `SCHEMA_UNKNOWN`: no such id. `PAYLOAD_UNDECODABLE`: cannot become an event. `REGISTRY_UNAVAILABLE`: transient. */
  #load(id: number): Promise<Read> {
    const writer = this.#writers.get(id);
    if (writer && 'unknownUntil' in writer && writer.unknownUntil > this.now()) {
      return Promise.reject(this.#unknown(id));
    }
    const running = this.#loading.get(id) ?? this.#fetch(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, running);
    return running;
  }

  async #fetch(id: number): Promise<Read> {
    const text = await this.schemas.byId(id);
    if (text === undefined) {
      this.#remember(id, { unknownUntil: this.now() + unknownIdTtlMs });
      throw this.#unknown(id);
    }
    const read = this.#reading(text, id);
    this.#remember(id, { read });
    return read;
  }

  #remember(id: number, writer: Writer): void {
    if (this.#writers.size >= maxWriters) this.#writers.delete(this.#writers.keys().next().value as number);
    this.#writers.set(id, writer);
  }

  #reading(writerSchema: string, id: number): Read {
    let type: avro.Type;
    let resolver: object | undefined;
    try {
      type = avroType(JSON.parse(writerSchema));
      // The same schema needs no resolving, which costs a third of the time.
      resolver = type.equals(this.#reader) ? undefined : this.#reader.createResolver(type);
    } catch (error) {
      const why = messageOf(error);
      throw new KafkaError('PAYLOAD_UNDECODABLE', `schema ${id} cannot be read as ${this.topic}: ${why}`, {
        cause: error,
      });
    }
    const reader = this.#reader;
    return (value) => {
      let result: { value: unknown; offset: number };
      try {
        result = reader.decode(value, headerLength, resolver);
      } catch (error) {
        throw new KafkaError('PAYLOAD_UNDECODABLE', `${this.topic}, schema ${id}: ${messageOf(error)}`, {
          cause: error,
        });
      }
      if (result.offset !== value.length) {
        const why = result.offset < 0 ? 'the payload ends early' : 'bytes are left over after the event';
        throw new KafkaError('PAYLOAD_UNDECODABLE', `${this.topic}, schema ${id}: ${why}`);
      }
      return result.value;
    };
  }

  #unknown(id: number): KafkaError {
    return new KafkaError('SCHEMA_UNKNOWN', `${this.topic}: the registry knows no schema with id ${id}`);
  }
}
