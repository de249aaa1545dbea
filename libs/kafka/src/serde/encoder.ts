import { inspect } from 'node:util';
import type avro from 'avsc';
import { EventInvalidError, type FieldProblem } from '../errors.js';
import { headerLength, writeHeader } from './wire-format.js';

/**
 * Events share slabs of this size instead of one allocation each: encoding is then as fast as avsc's own
 * `toBuffer`, which does the same. A slab is freed when the last event on it is.
 */
const slabBytes = 65_536;

const describe = (value: unknown): string => {
  if (value === undefined) return 'is missing';
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 60 });
  return `${text.slice(0, 80)} is no`;
};

/** Every field of a value that does not fit, by path; the avsc hook names the first misfit of each branch. */
const problemsOf = (type: avro.Type, value: unknown): FieldProblem[] => {
  const problems: FieldProblem[] = [];
  type.isValid(value, {
    errorHook: (path, any, expected) => {
      problems.push({
        path: path.join('.'),
        message: `${describe(any)} ${expected.branchName ?? expected.typeName}`,
      });
    },
  });
  return problems;
};

/** Writes values of one Avro type in the Confluent wire format. */
export class Encoder {
  #slab = Buffer.allocUnsafeSlow(slabBytes);
  #position = 0;

  constructor(
    private readonly topic: string,
    private readonly type: avro.Type,
    private readonly schemaId: number,
  ) {}

  /** The bytes of one event; throws `EventInvalidError` with every field that does not fit. */
  encode(value: unknown): Buffer {
    const start = this.#position;
    let end: number;
    try {
      end = this.type.encode(value, this.#slab, start + headerLength);
    } catch (error) {
      throw new EventInvalidError(this.topic, problemsOf(this.type, value), error);
    }
    if (end < 0) return this.#encodeOnNewSlab(value, this.#slab.length - end - start);
    writeHeader(this.#slab, start, this.schemaId);
    this.#position = end;
    return this.#slab.subarray(start, end);
  }

  // avsc answers a short buffer with the number of missing bytes; an event may be larger than a whole slab.
  #encodeOnNewSlab(value: unknown, bytes: number): Buffer {
    if (bytes > slabBytes / 2) {
      const own = Buffer.allocUnsafeSlow(bytes);
      writeHeader(own, 0, this.schemaId);
      this.type.encode(value, own, headerLength);
      return own;
    }
    this.#slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#position = 0;
    return this.encode(value);
  }
}
