import avro from 'avsc';

/** avsc writes longs by doubling them as floating-point numbers: below -2^52 it silently writes another number. */
const smallestLong = -(2 ** 52);

// avsc documents subclasses of LongType (LongType.__with) but types none of the methods they override.
interface LongWriter {
  _check(value: unknown, ...rest: unknown[]): boolean;
  _write(tap: unknown, value: unknown): void;
}

const { LongType } = avro.types as unknown as { LongType: new () => avro.Type & LongWriter };

/** An Avro long that refuses what cannot be written exactly: -2^52 to 2^53-2 pass. */
class ExactLong extends LongType {
  override _check(
    value: unknown,
    flags: unknown,
    hook?: (value: unknown, type: unknown) => void,
    path?: unknown,
  ): boolean {
    if (typeof value === 'number' && value < smallestLong) {
      hook?.(value, this);
      return false;
    }
    return super._check(value, flags, hook, path);
  }

  override _write(tap: unknown, value: unknown): void {
    if (typeof value === 'number' && value < smallestLong) throw new RangeError(`${value} is below -2^52`);
    super._write(tap, value);
  }
}

const typeHook = (schema: avro.Schema): avro.Type | undefined =>
  schema === 'long' || (schema as { type?: unknown }).type === 'long' ? new ExactLong() : undefined;

/** The avsc type of a schema; throws when the schema is not valid Avro. */
export const avroType = (schema: unknown): avro.Type =>
  avro.Type.forSchema(schema as avro.Schema, { typeHook });
