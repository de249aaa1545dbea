import type { CompatibilityLevel } from '@soma/contracts';
import avro from 'avsc';

/** The versions that a new schema is checked against: all of them under a transitive level, else the newest. */
export const versionsToCheck = (
  level: CompatibilityLevel,
  versions: readonly number[],
): readonly number[] => {
  if (level === 'NONE') return [];
  return level.endsWith('TRANSITIVE') ? versions : versions.slice(-1);
};

/** Whether readers of the new schema read older events, and readers of an older schema new ones. */
const demands = (level: CompatibilityLevel) => ({
  backward: level.startsWith('BACKWARD') || level.startsWith('FULL'),
  forward: level.startsWith('FORWARD') || level.startsWith('FULL'),
  transitive: level.endsWith('TRANSITIVE'),
});

/** Whether everything that `before` refuses is refused by `after`, too. */
export const protectsAsMuch = (after: CompatibilityLevel, before: CompatibilityLevel): boolean => {
  const [now, then] = [demands(after), demands(before)];
  return (
    (now.backward || !then.backward) && (now.forward || !then.forward) && (now.transitive || !then.transitive)
  );
};

const reads = (reader: avro.Type, writer: avro.Type): boolean => {
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
};

const typeOf = (schema: string): avro.Type | undefined => {
  try {
    return avro.Type.forSchema(JSON.parse(schema) as avro.Schema);
  } catch {
    return undefined;
  }
};

/**
 * Whether a schema gets on with one older version as the level demands, by Avro's rules of schema resolution. Needed
 * where the registry cannot be asked: it judges by the level that is in force, not by the one that is to come.
 */
export const isCompatible = (level: CompatibilityLevel, schema: string, older: string): boolean => {
  const { backward, forward } = demands(level);
  const [candidate, existing] = [typeOf(schema), typeOf(older)];
  if (!candidate || !existing) return level === 'NONE';
  return (!backward || reads(candidate, existing)) && (!forward || reads(existing, candidate));
};
