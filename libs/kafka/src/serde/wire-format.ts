import { KafkaError } from '../errors.js';

/** Confluent wire format: one magic byte (0), the schema id as 32-bit big-endian, then the Avro payload. */
export const headerLength = 5;
const magicByte = 0;

/** The schema id of a value; throws `PAYLOAD_UNDECODABLE` when the value has no such header. */
export const schemaIdOf = (value: Buffer | null): number => {
  if (value === null) throw new KafkaError('PAYLOAD_UNDECODABLE', 'the value is empty (a tombstone)');
  if (value.length < headerLength) {
    throw new KafkaError(
      'PAYLOAD_UNDECODABLE',
      `the value has ${value.length} bytes, its header alone takes 5`,
    );
  }
  if (value[0] !== magicByte) {
    throw new KafkaError(
      'PAYLOAD_UNDECODABLE',
      `the value starts with byte ${value[0]}, not with the magic byte 0`,
    );
  }
  return value.readUInt32BE(1);
};

/** Writes the header at `position` and returns the position of the payload. */
export const writeHeader = (target: Buffer, position: number, schemaId: number): number => {
  target[position] = magicByte;
  return target.writeUInt32BE(schemaId, position + 1);
};
