import type { Outcome } from '@soma/kafka';
import type { Selection } from './core/select.js';
import type { Change, Plan } from './core/types.js';

/** A change and what became of it. */
export interface Applied {
  readonly change: Change;
  readonly outcome: Outcome;
}

/** What of a plan somebody wants applied. */
export interface Request extends Selection {
  /** Topics to delete, by name. */
  readonly deletions?: readonly string[];
  /** Delete also what is in use or younger than its retention. */
  readonly force?: boolean;
}

export const itemStates = ['planned', 'left', 'pending', 'started', 'done', 'failed'] as const;
export type ItemState = (typeof itemStates)[number];

/** One change of a recorded plan. */
export interface Item {
  readonly position: number;
  readonly change: Change;
  readonly state: ItemState;
  readonly attempts: number;
  readonly error: string | null;
  readonly message: string | null;
}

export type PlanState = 'draft' | 'approved' | 'applying' | 'ended';

/** A plan that was recorded because somebody means to apply it. */
export interface RecordedPlan {
  readonly id: string;
  readonly clusterId: string;
  readonly environment: string;
  readonly fingerprint: string;
  readonly request: Request;
  readonly state: PlanState;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly approvedBy: string | null;
  readonly appliedBy: string | null;
  readonly endedAt: number | null;
}

export interface NewPlan {
  readonly plan: Plan;
  readonly environment: string;
  readonly request: Request;
  readonly by: string;
}

/** The record of an apply that is under way. Every write is refused once another process has taken the plan over. */
export interface Run {
  readonly id: string;
  /** Those that were chosen, with what is known of them. */
  readonly items: readonly Item[];
  /** Written before the servers are asked. */
  started(changes: readonly Change[]): Promise<void>;
  /** Written when the servers have answered. */
  ended(applied: readonly Applied[]): Promise<void>;
  /** Keeps what was there before a deletion. */
  manifest(change: Change, manifest: unknown): Promise<void>;
  finish(): Promise<void>;
}

/** Where applies are recorded as they happen, so that a crash at any moment can be told truly and resumed. */
export interface Journal {
  /** Runs work when no other apply to this cluster runs, in whatever process; tells it when that is no longer certain. */
  exclusively<T>(clusterId: string, work: (lost: AbortSignal) => Promise<T>): Promise<T>;
  /** Records a plan that is not applied yet; answers its id. */
  draft(plan: NewPlan): Promise<string>;
  /** Records a plan and starts to apply the chosen changes. */
  begin(plan: NewPlan, chosen: readonly Change[]): Promise<Run>;
  /** Applies of this cluster that were interrupted, oldest first; taking them over is what this does. */
  takeOver(clusterId: string, by: string): Promise<Run[]>;
}
