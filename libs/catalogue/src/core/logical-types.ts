import type { Finding } from './source.js';

/** The logical types of the Avro specification, each with the types it may stand on. */
const bases: Readonly<Record<string, readonly string[]>> = {
  uuid: ['string', 'fixed'],
  decimal: ['bytes', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  duration: ['fixed'],
};

/** What is wrong with the logical type of a schema; undefined if nothing is. */
export const logicalTypeFinding = (
  schema: Readonly<Record<string, unknown>>,
): Omit<Finding, 'at'> | undefined => {
  const { type, logicalType } = schema;
  if (logicalType === undefined) return undefined;
  const base =
    typeof logicalType === 'string' && Object.hasOwn(bases, logicalType) ? bases[logicalType] : undefined;
  if (base === undefined)
    return {
      message: `unknown logical type ${JSON.stringify(logicalType)}`,
      allowed: Object.keys(bases).join(', '),
    };
  if (base.includes(String(type))) return undefined;
  return {
    message: `${JSON.stringify(logicalType)} cannot stand on ${String(type)}`,
    allowed: base.join(' | '),
  };
};
