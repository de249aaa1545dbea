import { type Caller, Problem } from '@soma/service-kit';

/** Throws 403 unless the caller may read this squad's feed. */
export const requireSquad = (caller: Caller, squad: string): void => {
  if (caller.mayRead(squad)) return;
  throw new Problem(403, 'squad-not-allowed', `token ${caller.id} may not read the feed of ${squad}`);
};
