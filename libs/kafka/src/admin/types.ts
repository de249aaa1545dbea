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

/** A resource type, operation or permission that this version has no name for, by its number in the protocol. */
type Unnamed = `UNKNOWN_${number}`;

export type AclResourceType =
  'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER' | Unnamed;
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
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT'
  | Unnamed;

/**
 * One ACL binding; `principal` is written `User:name`. What is listed with an `UNKNOWN_<number>` cannot be created
 * or deleted: brokers refuse what they cannot name either.
 */
export interface Acl {
  readonly resourceType: AclResourceType;
  readonly resourceName: string;
  readonly patternType: 'LITERAL' | 'PREFIXED' | Unnamed;
  readonly principal: string;
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: 'ALLOW' | 'DENY' | Unnamed;
}

/** A config change of one topic: a value sets it, `null` returns it to the broker's default. */
export interface ConfigChange {
  readonly topic: string;
  readonly configs: Readonly<Record<string, string | null>>;
}

/**
 * The client quotas of one user; `null` is the default of all users that have none of their own. Values are bytes per
 * second (`producer_byte_rate`, `consumer_byte_rate`), percent of one thread (`request_percentage`) or partition
 * changes per second (`controller_mutation_rate`).
 */
export interface Quota {
  readonly user: string | null;
  readonly values: Readonly<Record<string, number>>;
}

/** A change of one user's quotas: a number sets a value, `null` removes it, others stay. */
export interface QuotaChange {
  readonly user: string | null;
  readonly values: Readonly<Record<string, number | null>>;
}

/** What a topic holds. */
export interface TopicData {
  /** Latest minus earliest offset over all partitions: an upper bound where compaction or transactions leave gaps. */
  readonly messages: bigint;
  /** Size of the leaders' logs, that is of one set of replicas. */
  readonly bytes: number;
  /** Largest timestamp of an event, in milliseconds since the epoch; absent when there is none. */
  readonly newestAt?: number;
}

export interface GroupPartition {
  readonly partition: number;
  readonly committed: bigint;
  /** Absent while the partition has no leader. */
  readonly latest?: bigint;
}

/** A group that has committed offsets on a topic, or members that read it. */
export interface GroupOnTopic {
  readonly group: string;
  readonly topic: string;
  /** `classic`, `consumer` (KIP-848) or `streams` (KIP-1071). */
  readonly type: string;
  /** As the broker writes it: `Stable`, `Empty`, `PreparingRebalance`… */
  readonly state: string;
  /**
   * Members that subscribe to the topic or are assigned partitions of it. While a classic group rebalances its members
   * do not show what they read; they count for every topic of the group. Members of streams groups are not counted.
   */
  readonly members: number;
  /** Latest minus committed offset, over the partitions with both. */
  readonly lag: bigint;
  /** The partitions with a committed offset, by number. */
  readonly partitions: readonly GroupPartition[];
}

/** How a caller follows a change that takes several requests. */
export interface MutationOptions<K> {
  /** Called with the outcomes of each request, before the next one is sent; an error of it ends the call. */
  readonly onBatch?: (done: ReadonlyMap<K, Outcome>) => Promise<void> | void;
}

/**
 * What this project asks of a cluster's administration. Batched calls answer per resource; they throw `KafkaError`
 * (`CLUSTER_UNREACHABLE`, `ADMIN_REFUSED`) only when a request as a whole got no answer. Calls that change something
 * send at most 1000 items and 10,000 partitions a request, one request after the other; what a controller mutation
 * quota refuses is repeated for up to five minutes.
 */
export interface ClusterAdmin {
  /** Requests sent up to now, by the protocol's name of the call; logins are not among them. */
  readonly requests: ReadonlyMap<string, number>;
  describeCluster(): Promise<ClusterInfo>;
  /** Every topic of the cluster, internal ones included; one request. */
  listTopics(): Promise<TopicInfo[]>;
  /** One request, however many names. */
  describeTopics(names: readonly string[]): Promise<Map<string, Found<TopicInfo>>>;
  /** All configs, or those of `keys` only (names that Kafka does not know are left out); 1000 topics a request. */
  describeTopicConfigs(
    names: readonly string[],
    keys?: readonly string[],
  ): Promise<Map<string, Found<ConfigEntry[]>>>;
  createTopics(topics: readonly NewTopic[], options?: MutationOptions<string>): Promise<Map<string, Outcome>>;
  /** Raises topics to these numbers of partitions. */
  createPartitions(
    counts: ReadonlyMap<string, number>,
    options?: MutationOptions<string>,
  ): Promise<Map<string, Outcome>>;
  /** Changes the named configs and leaves the others alone (IncrementalAlterConfigs, KIP-339). */
  alterTopicConfigs(
    changes: readonly ConfigChange[],
    options?: MutationOptions<string>,
  ): Promise<Map<string, Outcome>>;
  deleteTopics(names: readonly string[], options?: MutationOptions<string>): Promise<Map<string, Outcome>>;
  /**
   * What these topics hold, asked at the leaders: three ListOffsets and one DescribeLogDirs per broker and 1000 topics.
   * Topics whose leaders move are asked again, up to three times. Needs DESCRIBE on the cluster.
   */
  topicData(names: readonly string[]): Promise<Map<string, Found<TopicData>>>;
  /**
   * The groups on these topics, or on every topic, by group and topic; topics that no longer exist are left out, and
   * so are share groups. The number of requests depends on brokers and groups only, up to 1000 topics.
   */
  topicGroups(topics?: readonly string[]): Promise<GroupOnTopic[]>;
  /** All ACLs, or `disabled` when the cluster runs without an authorizer. */
  listAcls(): Promise<{ readonly enabled: true; readonly acls: Acl[] } | { readonly enabled: false }>;
  /** Outcomes in the order of the ACLs. */
  createAcls(acls: readonly Acl[], options?: MutationOptions<Acl>): Promise<Outcome[]>;
  /** Deletes exactly these bindings; outcomes in their order. One that is not there is deleted already. */
  deleteAcls(acls: readonly Acl[], options?: MutationOptions<Acl>): Promise<Outcome[]>;
  /** Quotas of users and of the default user; those of client ids, of both together and of addresses are left out. */
  describeQuotas(): Promise<Quota[]>;
  /** Outcomes by user, `null` for the default. */
  alterQuotas(
    changes: readonly QuotaChange[],
    options?: MutationOptions<string | null>,
  ): Promise<Map<string | null, Outcome>>;
  /** Creates or replaces SCRAM-SHA-512 credentials; the password itself never leaves this process. */
  upsertScramUsers(users: readonly { name: string; password: string }[]): Promise<Map<string, Outcome>>;
  deleteScramUsers(names: readonly string[]): Promise<Map<string, Outcome>>;
  close(): Promise<void>;
}
