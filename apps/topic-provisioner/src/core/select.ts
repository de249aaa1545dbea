import type { Change, ChangeClass, Plan, PlanPart } from './types.js';

/** What of a plan shall be applied. */
export interface Selection {
  /** Parts of the cluster; all of them when it is left out. */
  readonly only?: readonly PlanPart[];
  /** Classes that are applied besides `create` and `safe`. */
  readonly allow?: readonly ChangeClass[];
}

/** A plan, divided: what is applied, and what is left. */
export interface Selected {
  readonly chosen: readonly Change[];
  readonly left: readonly Change[];
  /** Changes that stop an apply before its first mutation: a schema that breaks an agreement may not slip in half. */
  readonly blockers: readonly Change[];
}

/** A filter over a plan, and nothing else: what it chooses is applied as it was planned. */
export const select = ({ changes }: Plan, { only, allow = [] }: Selection): Selected => {
  const covered = (change: Change): boolean => !only || only.includes(change.part);
  // A deletion is in the plan only because its topic was named: that is its permission.
  const allowed = (change: Change): boolean =>
    change.class === 'create' ||
    change.class === 'safe' ||
    allow.includes(change.class) ||
    change.mutation.kind === 'delete-topic';
  const isChosen = (change: Change): boolean =>
    covered(change) && allowed(change) && change.refused === undefined && change.mutation.kind !== 'none';
  return {
    chosen: changes.filter(isChosen),
    left: changes.filter((change) => covered(change) && !isChosen(change)),
    blockers: changes.filter(
      (change) => covered(change) && change.part === 'schemas' && change.refused !== undefined,
    ),
  };
};
