import type { CompatibilityLevel, DesiredTopic } from '@soma/contracts';
import type { Acl } from '@soma/kafka';

/** A schema that should stand in the registry: the subject, its text, and the level it must keep. */
export interface DesiredSubject {
  readonly subject: string;
  readonly topic: string;
  readonly schema: string;
  readonly level: CompatibilityLevel;
}

/** What the catalogue asks for in one environment. */
export interface Desired {
  readonly topics: readonly DesiredTopic[];
  readonly subjects: readonly DesiredSubject[];
  readonly acls: readonly Acl[];
}

export interface ActualTopic {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Effective value of every config, the broker's defaults included. */
  readonly configs: Readonly<Record<string, string | null>>;
}

export interface ActualSubject {
  /** The subject's own level; undefined when it follows the registry's default. */
  readonly level?: CompatibilityLevel;
  /** Whether exactly the desired schema is registered. */
  readonly registered: boolean;
  readonly versions: readonly number[];
  /** Versions that the desired schema must be compatible with and is not. */
  readonly incompatibleWith: readonly number[];
}

/** What was seen on the cluster and in the registry, as far as `Desired` names it. */
export interface Actual {
  readonly clusterId: string;
  readonly brokers: number;
  readonly topics: ReadonlyMap<string, ActualTopic>;
  readonly subjects: ReadonlyMap<string, ActualSubject>;
  /** Undefined when the cluster runs without an authorizer. */
  readonly acls?: readonly Acl[];
}

/**
 * How far a change may go: `create` adds what was not there; `safe` changes without loss; `unsafe` may lose data,
 * order or protection and has to be allowed by name; `refused` cannot be done here, whatever is allowed.
 */
export type ChangeClass = 'create' | 'safe' | 'unsafe' | 'refused';

/** The mutation itself, with all that applying it needs. */
export type Mutation =
  | { readonly kind: 'create-topic'; readonly topic: DesiredTopic }
  | { readonly kind: 'add-partitions'; readonly topic: string; readonly count: number }
  | { readonly kind: 'set-config'; readonly topic: string; readonly config: string; readonly value: string }
  | { readonly kind: 'set-level'; readonly subject: string; readonly level: CompatibilityLevel }
  | { readonly kind: 'register-schema'; readonly subject: string; readonly schema: string }
  | { readonly kind: 'create-acl'; readonly acl: Acl }
  | { readonly kind: 'none' };

/** One difference between catalogue and cluster. */
export interface Change {
  /** What it is about: a topic, a subject, or an ACL in words. */
  readonly resource: string;
  readonly field: string;
  readonly before: string | null;
  readonly after: string;
  readonly class: ChangeClass;
  /** Why it has this class, and for a refusal what to do instead. */
  readonly reason: string;
  readonly mutation: Mutation;
}

/** All differences, in the order in which they are applied. */
export interface Plan {
  readonly clusterId: string;
  readonly changes: readonly Change[];
}
