import type { Cursor, FeedState } from './core/cursor.js';
import type { Coordinate, Notification, Severity } from './core/notification.js';
import type { Partition } from './core/retention.js';
import type { BatchDecision, StateKeys } from './core/rules/batch.js';
import type { RulesState } from './core/rules/state.js';

/** A notification with its place in the feed. */
export interface StoredNotification extends Notification {
  /** Grows along the feed; 64-bit, hence text. The cursor of a reader is the last one it has seen. */
  readonly position: string;
  /** Idempotency key: the same origin is stored once. */
  readonly origin: string;
  /** Where in Kafka it came from; null for what came another way. */
  readonly coordinate: Coordinate | null;
  readonly storedAt: number;
}

/** A notification on its way into the feed. */
export interface Entry {
  readonly origin: string;
  readonly coordinate?: Coordinate;
  readonly notification: Notification;
}

/** Where an entry is in the feed, and whether it was not there before. */
export interface Placement {
  readonly position: string;
  readonly isNew: boolean;
}

/** A request that names its own idempotency key. */
export interface KeyedRequest {
  readonly caller: string;
  /** Of this caller: another one's is another key. */
  readonly key: string;
  /** Of the body. */
  readonly fingerprint: string;
}

/** What became of a request: stored now, answered as it was the first time, or the key of another body. */
export type Posted =
  | { readonly outcome: 'stored' | 'replayed'; readonly placements: readonly Placement[] }
  | { readonly outcome: 'conflict' };

/** Which notifications of a squad are asked for; all of it has to fit. */
export interface Filter {
  /** Kinds, exactly, or all that begin with `drill.` as `drill.*`. */
  readonly kinds?: readonly string[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  /** Kafka topic it came from. */
  readonly topic?: string | undefined;
  /** Stored then or later; milliseconds since 1970. */
  readonly since?: number | undefined;
}

/** Notifications, and the state of the feed at the very moment at which they were read. */
export interface Page {
  readonly state: FeedState;
  readonly notifications: readonly StoredNotification[];
}

/** A notification as readers that stay get it: its JSON is made where it is stored. */
export interface RawNotification {
  readonly position: string;
  /** The notification as the API shows it. */
  readonly json: string;
  /** Milliseconds since 1970, as the next. */
  readonly happenedAt: number;
  readonly storedAt: number;
}

/** The same as a {@link Page}, for readers that stay. */
export interface RawPage {
  readonly state: FeedState;
  /** All that is addressed to the squad up to here is in the page; the head if there is nothing more. */
  readonly upTo: bigint;
  readonly notifications: readonly RawNotification[];
}

/** The durable log of notifications. */
export interface NotificationStore {
  /** Stores each origin once, whatever is repeated; one placement per entry. Fails whole or not at all. */
  append(entries: readonly Entry[]): Promise<readonly Placement[]>;
  /** The same for a request, which is remembered with its answer in the same transaction. */
  appendOnce(request: KeyedRequest, entries: readonly Entry[]): Promise<Posted>;
  /** What is addressed to a squad after a position, oldest first. */
  after(squad: string, position: bigint | string, limit: number, filter?: Filter): Promise<Page>;
  /** The same, ready to be sent, as far as it is among the next `limit` notifications of all squads. */
  rawAfter(squad: string, position: bigint, limit: number): Promise<RawPage>;
  /** What is addressed to a squad, newest first, before a position if one is given. */
  before(squad: string, position: bigint | string | undefined, limit: number, filter?: Filter): Promise<Page>;
  state(): Promise<FeedState>;
  /** The last position that was stored before a moment (milliseconds since 1970). */
  positionAt(at: number): Promise<bigint>;
  /** Begins an epoch at the head: every cursor from before is answered with a gap. */
  beginEpoch(epoch: string): Promise<FeedState>;
}

/** The log's partitions, for those who let go of what is old. */
export interface PartitionStore {
  /** The partitions that are there, and when the feed began to number by weeks (milliseconds since 1970). */
  list(): Promise<{ readonly partitions: readonly Partition[]; readonly weekZeroEnded: number }>;
  /** Tells readers that these are gone, or are about to be. */
  declareGone(partitions: readonly Partition[]): Promise<void>;
  /** Drops a partition that was declared gone. */
  drop(partition: Partition): Promise<void>;
  /** Forgets idempotency keys up to a position, inclusive. */
  forgetOrigins(upTo: bigint): Promise<void>;
}

/** How far named consumers have acknowledged a squad's feed. */
export interface ConsumerStore {
  find(squad: string, name: string): Promise<Cursor | undefined>;
  /** Remembers an acknowledgement; never goes back within an epoch. */
  acknowledge(squad: string, name: string, cursor: Required<Cursor>): Promise<void>;
}

/** What rules remember, and what they want told. Every call is one transaction: it happens whole or not at all. */
export interface RuleStore {
  /**
   * Loads the state of these keys, has it decided on, and stores the new state and the notifications. Calls take turns, also
   * those of other replicas. Answers the decision.
   */
  update(keys: StateKeys, decide: (state: RulesState) => BatchDecision): Promise<BatchDecision>;
  /** Stores held notifications whose time has come as what they are; returns how many. */
  release(now: number): Promise<number>;
  /** Stores a notification of the feed itself, once for each origin; returns whether it was new. */
  tell(origin: string, notification: Notification): Promise<boolean>;
  /** Forgets windows that ended, and were not touched, for this long. */
  forget(now: number, afterMs: number): Promise<void>;
}

/** Tells sleeping streams that there is something new. May lose a message: streams look by themselves, too. */
export interface WakeUp {
  announce(): Promise<void>;
  /** Calls back on each announcement, until the returned function is called. */
  onWake(listener: () => void): () => void;
}
