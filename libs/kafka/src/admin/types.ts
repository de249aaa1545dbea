/** Outcome of one resource in a batched call: the broker's own error and message when it was refused. */
export type Outcome =
  { readonly ok: true } | { readonly ok: false; readonly error: string; readonly message: string };

/** One resource that was asked for, or why the broker did not show it. */
export type Found<T> =
  | { readonly found: true; readonly value: T }
  | { readonly found: false; readonly error: string; readonly message: string };

export interface BrokerInfo {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export interface ClusterInfo {
  readonly clusterId: string;
  readonly controllerId: number;
  readonly brokers: readonly BrokerInfo[];
}

export interface PartitionInfo {
  readonly partition: number;
  /** Broker id of the leader, -1 when there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicInfo {
  readonly name: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionInfo[];
}

/** One topic config as the broker reports it; `overridden` when the topic itself sets it. */
export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly overridden: boolean;
  readonly sensitive: boolean;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

export type AclResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID';
export type AclOperation =
  | 'ALL'
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE';

/** One ACL binding; `principal` is written `User:name`. */
export interface Acl {
  readonly resourceType: AclResourceType;
  readonly resourceName: string;
  readonly patternType: 'LITERAL' | 'PREFIXED';
  readonly principal: string;
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: 'ALLOW' | 'DENY';
}

/** A config change of one topic: a value sets it, `null` returns it to the broker's default. */
export interface ConfigChange {
  readonly topic: string;
  readonly configs: Readonly<Record<string, string | null>>;
}

/**
 * What this project asks of a cluster's administration. Batched calls answer per resource; they throw
 * `KafkaError` (`CLUSTER_UNREACHABLE`, `ADMIN_REFUSED`) only when the request as a whole got no answer.
 */
export interface ClusterAdmin {
  describeCluster(): Promise<ClusterInfo>;
  /** Every topic of the cluster, internal ones included. */
  listTopics(): Promise<TopicInfo[]>;
  describeTopics(names: readonly string[]): Promise<Map<string, Found<TopicInfo>>>;
  describeTopicConfigs(names: readonly string[]): Promise<Map<string, Found<ConfigEntry[]>>>;
  createTopics(topics: readonly NewTopic[]): Promise<Map<string, Outcome>>;
  createPartitions(counts: ReadonlyMap<string, number>): Promise<Map<string, Outcome>>;
  /** Changes the named configs and leaves the others alone (IncrementalAlterConfigs, KIP-339). */
  alterTopicConfigs(changes: readonly ConfigChange[]): Promise<Map<string, Outcome>>;
  deleteTopics(names: readonly string[]): Promise<Map<string, Outcome>>;
  /** All ACLs, or `disabled` when the cluster runs without an authorizer. */
  listAcls(): Promise<{ readonly enabled: true; readonly acls: Acl[] } | { readonly enabled: false }>;
  /** Outcomes in the order of the ACLs. */
  createAcls(acls: readonly Acl[]): Promise<Outcome[]>;
  /** Deletes exactly these bindings; outcomes in their order. */
  deleteAcls(acls: readonly Acl[]): Promise<Outcome[]>;
  /** Creates or replaces SCRAM-SHA-512 credentials; the password itself never leaves this process. */
  upsertScramUsers(users: readonly { name: string; password: string }[]): Promise<Map<string, Outcome>>;
  deleteScramUsers(names: readonly string[]): Promise<Map<string, Outcome>>;
  close(): Promise<void>;
}
