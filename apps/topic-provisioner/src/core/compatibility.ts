import type { CompatibilityLevel } from '@soma/contracts';

/** The versions that a new schema is checked against: all of them under a transitive level, else the newest. */
export const versionsToCheck = (level: CompatibilityLevel, versions: readonly number[]): readonly number[] => {
  if (level === 'NONE') return [];
  return level.endsWith('TRANSITIVE') ? versions : versions.slice(-1);
};
