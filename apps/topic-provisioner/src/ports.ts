import type { Outcome } from '@soma/kafka';
import type { DriftNews, KnownDrift } from './core/drift.js';
import type { Untold } from './core/drift-notification.js';
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

export const planStates = ['draft', 'approved', 'applying', 'ended'] as const;
export type PlanState = (typeof planStates)[number];

/** A plan that was recorded because somebody means to apply it; who did what to it, and when. */
export interface RecordedPlan {
  readonly id: string;
  readonly clusterId: string;
  readonly environment: string;
  readonly fingerprint: string;
  readonly request: Request;
  readonly state: PlanState;
  /** Changes by their state. */
  readonly items: Partial<Readonly<Record<ItemState, number>>>;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly approvedBy: string | null;
  readonly approvedAt: Date | null;
  readonly appliedBy: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** One change of a recorded plan and when the servers were asked for it. */
export interface RecordedItem extends Item {
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Plans as people look at them and decide about them. */
export interface PlanRecords {
  /** Newest first. */
  list(limit: number): Promise<readonly RecordedPlan[]>;
  find(id: string): Promise<RecordedPlan | undefined>;
  /** Every change of a plan, also those that nobody chose, in its order. */
  items(id: string): Promise<readonly RecordedItem[]>;
  /** Makes an approved plan of a draft; false when it is no draft any more. */
  approve(id: string, by: string): Promise<boolean>;
}

/** What is known of the drift of a cluster, and what of it has been told. */
export interface DriftLog {
  /** Drift that is not over. */
  open(clusterId: string): Promise<readonly KnownDrift[]>;
  /** Writes what is new, all or nothing; what another process has written already stays as it is. */
  record(clusterId: string, news: DriftNews): Promise<void>;
  /** What is still to be told, oldest first, at most 1000 of them. */
  untold(clusterId: string): Promise<readonly Untold[]>;
  /** Written before something is told for the first time. */
  trying(untold: readonly Untold[]): Promise<void>;
  told(untold: readonly Untold[]): Promise<void>;
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
  /**
   * Runs work when no other apply to this cluster runs, in whatever process; tells it when that is no longer certain, or
   * when `stop` aborts, which also ends the wait. `onWait` is told when there is one to wait for.
   */
  exclusively<T>(
    clusterId: string,
    work: (lost: AbortSignal) => Promise<T>,
    options?: { readonly stop?: AbortSignal | undefined; readonly onWait?: (() => void) | undefined },
  ): Promise<T>;
  /** Records a plan that is not applied yet; answers its id. */
  draft(plan: NewPlan): Promise<string>;
  /** Records a plan and starts to apply the chosen changes. */
  begin(plan: NewPlan, chosen: readonly Change[]): Promise<Run>;
  /** Starts to apply the chosen changes of an approved plan; throws `PlanNotApproved` when it is in another state. */
  beginDraft(id: string, chosen: readonly Change[], by: string): Promise<Run>;
  /** Applies of this cluster that were interrupted, oldest first; taking them over is what this does. */
  takeOver(clusterId: string, by: string): Promise<Run[]>;
}
