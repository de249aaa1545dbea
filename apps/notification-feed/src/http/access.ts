import { everySquad } from '../core/notification.js';
import { type Caller, Problem } from '@soma/service-kit';

/** Throws 403 unless the caller may read this squad's feed. */
export const requireSquad = (caller: Caller, squad: string): void => {
  if (caller.mayRead(squad)) return;
  throw new Problem(403, 'squad-not-allowed', `token ${caller.id} may not read the feed of ${squad}`);
};

/** Throws 403 unless the caller may address all of these squads. */
export const requireAddressable = (caller: Caller, squads: readonly string[]): void => {
  const foreign = [...new Set(squads)].filter((squad) => !caller.mayAddress(squad));
  if (foreign.length === 0) return;
  throw new Problem(
    403,
    'squad-not-allowed',
    `token ${caller.id} may not address ${foreign.join(', ')}${foreign.includes(everySquad) ? ' (all squads)' : ''}`,
    { fields: { squads: foreign } },
  );
};

/** Asks again, while a stream is open, whether its reader may still have it. */
export const stillReads = (caller: Caller, squad: string) => async (): Promise<boolean> =>
  (await caller.stillAllowed())?.mayRead(squad) ?? false;
