import type { Filter } from '../core/webhooks/filter.js';
import type { Attempt, DisabledReason, Standing, Verdict } from '../core/webhooks/judge.js';
import type { FeedRow } from '../core/webhooks/message.js';
import type { KeyKind } from '../core/webhooks/signature.js';
import type { TargetProblem } from '../core/webhooks/target.js';

/** What its owner says about a webhook. */
export interface WebhookSpec {
  readonly squad: string;
  readonly url: string;
  readonly description: string;
  readonly filter: Filter;
}

/** A webhook; times in milliseconds since the epoch. */
export interface Webhook extends WebhookSpec {
  readonly id: string;
  readonly state: 'active' | 'disabled';
  /** Null while it is active. */
  readonly stateReason: DisabledReason | null;
  readonly stateSince: number;
  /** Position up to which deliveries were made. */
  readonly cursor: string;
  readonly failingSince: number | null;
  readonly createdBy: string;
  readonly createdAt: number;
}

/** A key of a webhook, as it is kept. */
export interface WebhookKey {
  readonly id: string;
  readonly kind: KeyKind;
  readonly sealed: Buffer;
  /** `whpk_…` of an Ed25519 key. */
  readonly publicKey: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
}

export type NewKey = Pick<WebhookKey, 'id' | 'kind' | 'sealed' | 'publicKey'>;

export interface WebhookChange extends Partial<Omit<WebhookSpec, 'squad'>> {
  readonly enabled?: boolean;
}

/** Webhooks and their keys. Every change is one transaction, in which auditors are told who (`by`) made it. */
export interface WebhookStore {
  /** It begins behind what is in the feed now. */
  create(webhook: WebhookSpec & { id: string; createdBy: string }, key: NewKey): Promise<void>;
  list(squad: string): Promise<Webhook[]>;
  find(id: string): Promise<Webhook | undefined>;
  /** Enabling it forgets its failures, and has what waits sent at once. */
  update(id: string, change: WebhookChange, by: string): Promise<void>;
  remove(id: string, by: string): Promise<void>;
  /** Those that have not expired, newest first. */
  keys(webhook: string): Promise<WebhookKey[]>;
  /** Adds a key; the others of its kind expire after `overlapMs`, if they do not earlier. */
  addKey(webhook: string, key: NewKey, overlapMs: number, by: string): Promise<boolean>;
  /** A webhook keeps its last key: without one it could not sign. */
  removeKey(webhook: string, key: string, by: string): Promise<'removed' | 'unknown' | 'last'>;
}

/** A delivery that one sender has for a while. */
export interface Claim extends Standing {
  readonly delivery: string;
  /** Another one when somebody took over. */
  readonly token: string;
  readonly messageId: string;
  readonly webhook: Pick<Webhook, 'id' | 'squad' | 'url'>;
  /** Undefined when the feed does not keep it any more. */
  readonly row: FeedRow | undefined;
}

export interface LoggedAttempt extends Omit<Attempt, 'retryAfter'> {
  readonly at: number;
}

/** A delivery as the log shows it. */
export interface Delivery {
  readonly id: string;
  readonly messageId: string;
  readonly kind: string;
  readonly position: string | null;
  readonly outcome: 'pending' | 'delivered' | 'failed';
  readonly createdAt: number;
  readonly nextAttemptAt: number | null;
  /** Oldest first. */
  readonly attempts: readonly LoggedAttempt[];
}

/** What a replica asks for when it has room. */
export interface Room {
  /** Deliveries that it can take. */
  readonly total: number;
  readonly perWebhook: number;
  /** Webhooks of which it sends something now, and how much. */
  readonly busy: ReadonlyMap<string, number>;
  /** Milliseconds after which somebody else takes over. */
  readonly leaseMs: number;
}

/** Deliveries of webhooks: made once for each row and webhook, sent at least once. */
export interface DeliveryStore {
  /** Makes deliveries of what webhooks have not passed yet; answers how many. Replicas share the webhooks. */
  dispatch(): Promise<number>;
  claim(room: Room): Promise<Claim[]>;
  /** Writes down what came of a claim, unless somebody took over, and disables the webhook if that is the verdict. */
  record(claim: Claim, attempt: Attempt, verdict: Verdict): Promise<'recorded' | 'disabled' | 'lost'>;
  /** Ends the delivery of a row that the feed does not keep any more; the receiver is not to blame. */
  expire(claim: Claim): Promise<void>;
  /** Writes down a test. */
  recordTest(webhook: string, test: { id: string; messageId: string; attempt: Attempt }): Promise<void>;
  /** Newest first. */
  log(webhook: string, limit: number, before?: string): Promise<Delivery[]>;
  find(webhook: string, delivery: string): Promise<Delivery | undefined>;
  /** Begins a new round of a delivery now. False if it is a test or is being sent at this moment. */
  retry(webhook: string, delivery: string): Promise<boolean>;
  /** Sets the cursor back to what was stored since a time; answers where it is then, undefined if there is no such webhook. */
  rewind(webhook: string, since: number): Promise<string | undefined>;
  /** Forgets deliveries that are older than this; answers how many. */
  prune(olderThanMs: number): Promise<number>;
  pending(): Promise<number>;
}

/** A message on its way. */
export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The way to receivers, guarded. */
export interface Sender {
  /** Sends it once. A failure of any kind is an attempt that failed, not an error. */
  send(message: Outgoing): Promise<Attempt>;
  /** Why this URL is not asked; undefined if it is. */
  check(url: string): Promise<TargetProblem | undefined>;
}
