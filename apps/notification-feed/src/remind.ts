import type { SquadFile } from './core/rules/load-rules.js';
import type { ReminderStore } from './people-ports.js';
import type { WakeUp } from './ports.js';

/** Tells squads what their files want them reminded of, then wakes the streams. Each is told once, whoever looks. */
export const remind = async (
  files: readonly SquadFile[],
  store: ReminderStore,
  wakeUp: WakeUp,
): Promise<void> => {
  let told = false;
  const errors: unknown[] = [];
  for (const file of files) {
    try {
      if ((await store.tellEscalations(file)) > 0) told = true;
      if (await store.tellDigest(file)) told = true;
    } catch (error) {
      // Of one squad: the others are told all the same.
      errors.push(error);
    }
  }
  if (told) await wakeUp.announce();
  if (errors.length > 0) throw new AggregateError(errors, 'not every squad could be reminded');
};
