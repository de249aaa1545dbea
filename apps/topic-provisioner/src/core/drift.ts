import type { SquadName } from '@soma/contracts';
import { type Change, type ChangeClass, changeId, type PlanPart } from './types.js';

/** A difference between catalogue and cluster as it is told to the squad that it concerns. */
export interface Drift {
  readonly part: PlanPart;
  readonly resource: string;
  readonly field: string;
  readonly owner: SquadName;
  readonly class: ChangeClass;
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string;
  /** Why nothing can bring it back as it is, and what to do instead. */
  readonly refused: string | null;
}

/** A drift that was seen before and is not over. */
export interface KnownDrift extends Drift {
  readonly id: string;
}

/** How the drift of now differs from the drift of the last look. */
export interface DriftNews {
  readonly appeared: readonly Drift[];
  /** Those that say something else now: told anew, in the place of the ones before. */
  readonly changed: readonly { readonly was: KnownDrift; readonly is: Drift }[];
  readonly resolved: readonly KnownDrift[];
}

/** Concerned by what belongs to no squad alone, such as rights. */
const platformSquad: SquadName = 'infra-ops';

const driftOf = ({
  part,
  resource,
  field,
  owner,
  before,
  after,
  reason,
  refused,
  ...change
}: Change): Drift => ({
  part,
  resource,
  field,
  owner: owner ?? platformSquad,
  class: change.class,
  before,
  after,
  reason,
  refused: refused ?? null,
});

const saysTheSame = (was: Drift, is: Drift): boolean =>
  was.before === is.before && was.after === is.after && was.class === is.class;

/** Compares what was known with the changes of a plan that was made now. */
export const driftNews = (known: readonly KnownDrift[], changes: readonly Change[]): DriftNews => {
  const before = new Map(known.map((drift) => [changeId(drift), drift]));
  const now = new Map(changes.map((change) => [changeId(change), driftOf(change)]));
  const pairs = [...now].flatMap(([id, is]) => {
    const was = before.get(id);
    return was && !saysTheSame(was, is) ? [{ was, is }] : [];
  });
  return {
    appeared: [...now].flatMap(([id, drift]) => (before.has(id) ? [] : [drift])),
    changed: pairs,
    resolved: [...before].flatMap(([id, drift]) => (now.has(id) ? [] : [drift])),
  };
};

/** How many changes there are of each class that occurs. */
export const countByClass = (
  changes: readonly Pick<Change, 'class'>[],
): Partial<Record<ChangeClass, number>> =>
  Object.fromEntries(
    [...Map.groupBy(changes, (change) => change.class)].map(([name, group]) => [name, group.length]),
  );
