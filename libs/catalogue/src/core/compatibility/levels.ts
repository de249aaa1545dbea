import type { AvroSchema, CompatibilityLevel } from '@soma/contracts';
import type { Direction, Incompatibility } from './incompatibility.js';
import { schemaIncompatibilities } from './schema-incompatibilities.js';

/** The versions, oldest first, that a new schema is checked against: all of them under a transitive level, else the newest. */
export const versionsToCheck = <V>(level: CompatibilityLevel, versions: readonly V[]): readonly V[] => {
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

/** An incompatibility between a schema and an older version of it, and which of the two cannot be read. */
export interface DirectedIncompatibility extends Incompatibility {
  readonly direction: Direction;
}

/** Why a schema does not get on with one older version as the level demands; none if it does. */
export const incompatibilitiesUnder = (
  level: CompatibilityLevel,
  schema: AvroSchema,
  older: AvroSchema,
): readonly DirectedIncompatibility[] => {
  const { backward, forward } = demands(level);
  return [
    ...(backward
      ? schemaIncompatibilities(schema, older).map((one) => ({ ...one, direction: 'backward' as const }))
      : []),
    ...(forward
      ? schemaIncompatibilities(older, schema).map((one) => ({ ...one, direction: 'forward' as const }))
      : []),
  ];
};
