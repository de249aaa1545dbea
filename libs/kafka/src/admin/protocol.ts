import { type API, createAPI, Reader, type Writer } from '@platformatic/kafka';

/** One protocol call of the client: how its request is written and its answer read. */
export interface Protocol<A extends unknown[], R> {
  readonly api: API<A, R>;
  // Method syntax: the client's own functions take narrower arguments.
  createRequest(...args: A): Writer;
  parseResponse(correlationId: number, apiKey: number, apiVersion: number, reader: Reader): R;
}

/**
 * The client takes the number of tagged fields for their length. CreateTopics has one as soon as the caller may not
 * read configs, and everything behind it would be read from the wrong place.
 */
class TaggedReader extends Reader {
  override readTaggedFields(): void {
    for (let fields = this.readUnsignedVarInt(); fields > 0; fields -= 1) {
      this.readUnsignedVarInt();
      // Two statements: the length moves the position as well.
      const length = this.readUnsignedVarInt();
      this.skip(length);
    }
  }
}

/** The same call with an answer that is read past its tagged fields. */
export const exactly = <A extends unknown[], R>(protocol: Protocol<A, R>): API<A, R> =>
  createAPI(
    protocol.api.key,
    protocol.api.version,
    (...args: A) => protocol.createRequest(...args),
    (id, key, version, reader) => protocol.parseResponse(id, key, version, new TaggedReader(reader.buffer)),
  );
