import { everySquad } from '../core/notification.js';
import { type Caller, Problem } from '@soma/service-kit';

/** What a caller wants with a squad, as audit events call it. */
export type SquadAction = 'feed.read' | 'feed.write' | 'token.issued';

/** 403: the caller's token is not for this squad. Audited wherever it is thrown behind a route. */
export class SquadRefused extends Problem {
  constructor(
    readonly actor: string,
    readonly action: SquadAction,
    readonly squads: readonly string[],
    detail: string,
  ) {
    super(403, 'squad-not-allowed', detail, { fields: { squads } });
    this.name = 'SquadRefused';
  }
}

/** Throws 403 unless the caller may read this squad's feed. */
export const requireSquad = (caller: Caller, squad: string): void => {
  if (caller.mayRead(squad)) return;
  const detail = `token ${caller.id} may not read the feed of ${squad}`;
  throw new SquadRefused(caller.id, 'feed.read', [squad], detail);
};

/** Throws 403 unless the caller may address all of these squads, or give away a token for them. */
export const requireAddressable = (
  caller: Caller,
  squads: readonly string[],
  action: Exclude<SquadAction, 'feed.read'> = 'feed.write',
): void => {
  const foreign = [...new Set(squads)].filter((squad) => !caller.mayAddress(squad));
  if (foreign.length === 0) return;
  const verb = action === 'feed.write' ? 'address' : 'give out tokens for';
  const names = `${foreign.join(', ')}${foreign.includes(everySquad) ? ' (all squads)' : ''}`;
  throw new SquadRefused(caller.id, action, foreign, `token ${caller.id} may not ${verb} ${names}`);
};

/** Asks again, while a stream is open, whether its reader may still have it. */
export const stillReads = (caller: Caller, squad: string) => async (): Promise<boolean> =>
  (await caller.stillAllowed())?.mayRead(squad) ?? false;

/** What there is of a notification, or a 404: a squad is not told of what is in others' feeds only. */
export const found = <T>(value: T | undefined, squad: string, position: string): T => {
  if (value !== undefined) return value;
  throw new Problem(404, 'notification-not-found', `${position} is not in the feed of ${squad}`);
};
