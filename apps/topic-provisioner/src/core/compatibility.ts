import { incompatibilitiesUnder } from '@soma/catalogue';
import type { AvroSchema, CompatibilityLevel } from '@soma/contracts';

export { protectsAsMuch, versionsToCheck } from '@soma/catalogue';

const parsed = (schema: string): AvroSchema | undefined => {
  try {
    const value: unknown = JSON.parse(schema);
    return typeof value === 'string' || (typeof value === 'object' && value !== null)
      ? (value as AvroSchema)
      : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Whether a schema gets on with one older version as the level demands, by Avro's rules of schema resolution. Needed
 * where the registry cannot be asked: it judges by the level that is in force, not by the one that is to come.
 */
export const isCompatible = (level: CompatibilityLevel, schema: string, older: string): boolean => {
  const [candidate, existing] = [parsed(schema), parsed(older)];
  if (candidate === undefined || existing === undefined) return level === 'NONE';
  return incompatibilitiesUnder(level, candidate, existing).length === 0;
};
