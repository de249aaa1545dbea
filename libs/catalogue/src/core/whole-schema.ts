import { type AvroNamed, type AvroRecord, fullName, inlineReferences, registeredType } from '@soma/contracts';
import { avroType } from './avro-type.js';
import { isRecord } from './loose.js';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * The whole schema of a topic's values as readers are compiled against it, from its text and the texts of the types that
 * it may refer to; undefined if that is no valid record.
 */
export const wholeSchema = (text: string, references: readonly string[]): AvroRecord | undefined => {
  const root = parsed(text);
  if (!isRecord(root) || root['type'] !== 'record') return undefined;
  const types = references.flatMap((reference): [string, AvroNamed][] => {
    const type = parsed(reference) as AvroNamed | undefined;
    return isRecord(type) && typeof type.name === 'string' ? [[fullName(type), type]] : [];
  });
  try {
    const whole = inlineReferences(root as unknown as AvroRecord, new Map(types));
    avroType(whole);
    return registeredType(whole) as AvroRecord;
  } catch {
    return undefined;
  }
};
