import type { CompatibilityLevel, SquadName } from '@soma/contracts';
import type { Acl, ConfigEntry } from '@soma/kafka';

/** What the registry has for the values of a topic. */
export interface SubjectFacts {
  /** Text of the newest version. */
  readonly schema: string;
  /** All of them, oldest first. */
  readonly versions: readonly number[];
  readonly level: CompatibilityLevel;
  /** Other subjects that the schema refers to. */
  readonly references: readonly string[];
}

/** What was seen of a topic that nobody declared. */
export interface TopicFacts {
  /** Its name without the prefix of the cluster. */
  readonly topic: string;
  /** Who adopts it. */
  readonly squad: SquadName;
  readonly partitions: number;
  /** The fewest and the most replicas that a partition of it has. */
  readonly replicas: { readonly fewest: number; readonly most: number };
  readonly configs: readonly ConfigEntry[];
  /** ACLs on exactly this topic. */
  readonly acls: readonly Acl[];
  /** ACLs that cover it among others: on a prefix of its name, or on every topic. */
  readonly wider: readonly Acl[];
  /** Consumer groups that have to do with it. */
  readonly groups: readonly string[];
  readonly subject?: SubjectFacts;
  /** Why its schema cannot be declared though there is one. */
  readonly undeclarable?: string;
}

/** The files of an adopted topic, and what they leave out. */
export interface AdoptedSpec {
  readonly topic: string;
  readonly squad: SquadName;
  readonly yaml: string;
  /** The schema of its values, if one is declared. */
  readonly avsc?: string;
  readonly notes: readonly string[];
}
