import type { CompatibilityLevel, DesiredTopic, SchemaRegistration, SquadName } from '@soma/contracts';
import type { Acl } from '@soma/kafka';

/**
 * Types under subjects of their own that a schema refers to: all of them, each after those it refers to itself, and the
 * names of those that the schema uses directly.
 */
export type RefersTo = Pick<SchemaRegistration, 'references' | 'direct'>;

/** A schema that should stand in the registry: the subject, its text, and the level it must keep. */
export interface DesiredSubject {
  readonly subject: string;
  /** Of a type that several topics refer to, the first of them. */
  readonly topic: string;
  readonly owner: SquadName;
  readonly schema: string;
  /** Missing where the schema refers to nothing. */
  readonly refersTo?: RefersTo;
  readonly level: CompatibilityLevel;
}

/** What a user may ask of each broker, by Kafka's names; `user: null` stands for every user without limits of its own. */
export interface QuotaValues {
  readonly user: string | null;
  readonly values: Readonly<Record<string, number>>;
}

/** What the catalogue asks for in one environment. */
export interface Desired {
  readonly topics: readonly DesiredTopic[];
  readonly subjects: readonly DesiredSubject[];
  readonly acls: readonly Acl[];
  readonly quotas: readonly QuotaValues[];
}

/** What to look at on the servers; what a catalogue asks for is one. */
export interface Scope {
  readonly topics: readonly Pick<DesiredTopic, 'name' | 'config' | 'strict'>[];
  /** Without a schema, only what stands under the subject is looked at. */
  readonly subjects: readonly (Pick<DesiredSubject, 'subject' | 'level' | 'refersTo'> & {
    readonly schema?: string;
  })[];
  readonly quotas: readonly QuotaValues[];
}

export interface ActualTopic {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Effective value of the configs that were asked for, the broker's defaults included; null where it keeps the value to itself. */
  readonly configs: Readonly<Record<string, string | null>>;
  /** Those of them that the topic sets itself. */
  readonly overridden: readonly string[];
}

export interface ActualSubject {
  /** The subject's own level; undefined when it follows the registry's default. */
  readonly level?: CompatibilityLevel;
  /** Whether exactly the desired schema is registered. */
  readonly registered: boolean;
  readonly versions: readonly number[];
  /** Versions that the desired schema must be compatible with and is not. */
  readonly incompatibleWith: readonly number[];
  /** The level by which the registry judges now, where that is another one and would refuse the schema. */
  readonly refusedUnder?: CompatibilityLevel;
  /**
   * The desired schema with its types written out, where it has to go in so: the registry compares a schema that refers
   * to a type with no version that defines this type itself.
   */
  readonly whole?: string;
  /** Versions that the registry can compare with the desired schema in neither form. */
  readonly incomparableWith?: readonly number[];
}

/** A consumer group that has to do with a topic. */
export interface AttachedGroup {
  readonly group: string;
  /** Members that are assigned partitions of the topic now. */
  readonly members: number;
  /** Records that it has not committed yet. */
  readonly lag: number;
}

/** What a topic holds and who reads it: asked only where a change touches it. */
export interface TopicData {
  readonly messages: number;
  /** Of one replica of each partition. */
  readonly bytes: number;
  /** Time of the newest record, in epoch milliseconds; undefined when there is none. */
  readonly newestAt?: number;
  readonly groups: readonly AttachedGroup[];
}

/** What was seen on the cluster and in the registry, as far as `Desired` names it. */
export interface Actual {
  readonly clusterId: string;
  readonly brokers: number;
  /** Every topic of the cluster, also those that nobody declared; empty where no topic was asked for. */
  readonly names: ReadonlySet<string>;
  readonly topics: ReadonlyMap<string, ActualTopic>;
  /** Topics that the brokers would not show, with their words. */
  readonly unreadable: ReadonlyMap<string, string>;
  readonly subjects: ReadonlyMap<string, ActualSubject>;
  /** Undefined when the cluster runs without an authorizer. */
  readonly acls?: readonly Acl[];
  readonly quotas: readonly QuotaValues[];
  readonly data: ReadonlyMap<string, TopicData>;
}

/**
 * What a change may do: `create` adds what was not there; `safe` loses nothing; `unsafe` may lose data, order or
 * protection; `destructive` removes what is there; `unsupported` cannot be done to a running cluster; `unknown`
 * could not be judged.
 */
export const changeClasses = ['create', 'safe', 'unsafe', 'destructive', 'unsupported', 'unknown'] as const;
export type ChangeClass = (typeof changeClasses)[number];

/** The parts of a cluster that a plan covers. */
export const planParts = ['topics', 'schemas', 'acls', 'quotas'] as const;
export type PlanPart = (typeof planParts)[number];

/** The mutation itself, with all that applying it needs. */
export type Mutation =
  | { readonly kind: 'create-topic'; readonly topic: DesiredTopic }
  | { readonly kind: 'add-partitions'; readonly topic: string; readonly count: number }
  | {
      readonly kind: 'set-config';
      readonly topic: string;
      readonly config: string;
      /** `null` goes back to the broker's default. */
      readonly value: string | null;
    }
  | { readonly kind: 'set-level'; readonly subject: string; readonly level: CompatibilityLevel }
  | {
      readonly kind: 'register-schema';
      readonly subject: string;
      readonly schema: string;
      /** Under which versions they stand is looked up when the schema is sent. */
      readonly refersTo?: RefersTo;
    }
  | { readonly kind: 'create-acl'; readonly acl: Acl }
  | { readonly kind: 'delete-acl'; readonly acl: Acl }
  | {
      readonly kind: 'set-quota';
      readonly user: string | null;
      readonly name: string;
      readonly value: number;
    }
  | { readonly kind: 'delete-topic'; readonly topic: string }
  | { readonly kind: 'none' };

/** One difference between catalogue and cluster. */
export interface Change {
  readonly part: PlanPart;
  /** What it is about: a topic, a subject, an ACL in words, a user. */
  readonly resource: string;
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly class: ChangeClass;
  /** The rule that gave it its class. */
  readonly reason: string;
  /** Why it is not applied whatever is allowed, and what to do instead. */
  readonly refused?: string;
  /** The squad that it concerns. */
  readonly owner?: SquadName;
  /** What the topic holds, where the change touches it. */
  readonly touches?: TopicData;
  readonly mutation: Mutation;
}

/** All differences, in the order in which they are applied. */
export interface Plan {
  readonly clusterId: string;
  readonly changes: readonly Change[];
}

/** Names a change within its plan. */
export const changeId = ({ resource, field }: Pick<Change, 'resource' | 'field'>): string =>
  `${resource} ${field}`;
