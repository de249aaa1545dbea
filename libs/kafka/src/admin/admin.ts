import {
  AclOperations,
  AclPermissionTypes,
  alterUserScramCredentialsV0,
  ConfigResourceTypes,
  createAclsV3,
  createPartitionsV3,
  createTopicsV7,
  deleteAclsV3,
  deleteTopicsV6,
  describeAclsV3,
  describeClusterV1,
  describeConfigsV4,
  incrementalAlterConfigsV1,
  metadataV12,
  protocolErrorsCodesById,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import type { KafkaSettings } from '../config.js';
import { KafkaError, messageOf } from '../errors.js';
import { BrokerConnection } from './connection.js';
import { saltPassword, scramSha512 } from './scram.js';
import type {
  Acl,
  AclOperation,
  AclResourceType,
  ClusterAdmin,
  ConfigChange,
  ConfigEntry,
  Found,
  NewTopic,
  Outcome,
  TopicInfo,
} from './types.js';

const requestTimeoutMs = 30_000;
const topicResource = ConfigResourceTypes.TOPIC;
const topicConfigSource = 1;
const set = 0;
const remove = 1;
const anyClientEndpoint = 1;
const securityDisabled = 'SECURITY_DISABLED';

const codes = protocolErrorsCodesById as Readonly<Record<number, string>>;
const errorName = (code: number): string => codes[code] ?? `ERROR_${code}`;

/** Broker answers of one resource, whatever the call: an error code and perhaps a message. */
interface Answer {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

const outcome = ({ errorCode, errorMessage }: Answer): Outcome =>
  errorCode === 0
    ? { ok: true }
    : { ok: false, error: errorName(errorCode), message: errorMessage ?? errorName(errorCode) };

const found = <T>(answer: Answer, value: () => T): Found<T> =>
  answer.errorCode === 0
    ? { found: true, value: value() }
    : {
        found: false,
        error: errorName(answer.errorCode),
        message: answer.errorMessage ?? errorName(answer.errorCode),
      };

const outcomesBy = <A extends Answer>(
  answers: readonly A[],
  name: (answer: A) => string,
): Map<string, Outcome> => new Map(answers.map((answer) => [name(answer), outcome(answer)]));

const refuse = (call: string, code: number, message: string | null | undefined): never => {
  throw new KafkaError('ADMIN_REFUSED', `${call}: ${message ?? errorName(code)} (${errorName(code)})`);
};

const keyOf = <T extends Readonly<Record<string, number>>>(table: T, value: number): string =>
  Object.entries(table).find(([, number]) => number === value)?.[0] ?? 'UNKNOWN';

const aclNumbers = (acl: Acl) => ({
  resourceType: ResourceTypes[acl.resourceType],
  resourceName: acl.resourceName,
  resourcePatternType: ResourcePatternTypes[acl.patternType],
  principal: acl.principal,
  host: acl.host,
  operation: AclOperations[acl.operation],
  permissionType: AclPermissionTypes[acl.permission],
});

const anyAcl = {
  resourceType: ResourceTypes.ANY,
  resourceName: null,
  resourcePatternType: ResourcePatternTypes.ANY,
  principal: null,
  host: null,
  operation: AclOperations.ANY,
  permissionType: AclPermissionTypes.ANY,
};

type MetadataTopic = Awaited<ReturnType<typeof metadataV12.api.async>>['topics'][number];

const topicInfo = (topic: MetadataTopic): TopicInfo => ({
  name: topic.name ?? '',
  internal: topic.isInternal,
  partitions: topic.partitions
    .map(({ partitionIndex, leaderId, replicaNodes, isrNodes }) => ({
      partition: partitionIndex,
      leader: leaderId,
      replicas: replicaNodes,
      isr: isrNodes,
    }))
    .sort((a, b) => a.partition - b.partition),
});

class WireAdmin implements ClusterAdmin {
  readonly #connection: BrokerConnection;

  constructor(settings: KafkaSettings, clientId: string) {
    this.#connection = new BrokerConnection(settings, clientId);
  }

  async describeCluster() {
    const answer = await this.#connection.request((c) =>
      describeClusterV1.api.async(c, false, anyClientEndpoint),
    );
    if (answer.errorCode !== 0) refuse('DescribeCluster', answer.errorCode, answer.errorMessage);
    return {
      clusterId: answer.clusterId,
      controllerId: answer.controllerId,
      brokers: answer.brokers.map(({ brokerId, host, port, rack }) => ({
        id: brokerId,
        host,
        port,
        rack: rack ?? null,
      })),
    };
  }

  async listTopics() {
    // A null list asks for every topic (KIP-516); the client's type does not know that form.
    const everyTopic = null as unknown as string[];
    const answer = await this.#connection.request((c) => metadataV12.api.async(c, everyTopic, false, false));
    return answer.topics.map(topicInfo);
  }

  async describeTopics(names: readonly string[]) {
    if (names.length === 0) return new Map<string, Found<TopicInfo>>();
    const answer = await this.#connection.request((c) => metadataV12.api.async(c, [...names], false, false));
    return new Map(answer.topics.map((topic) => [topic.name ?? '', found(topic, () => topicInfo(topic))]));
  }

  async describeTopicConfigs(names: readonly string[]) {
    if (names.length === 0) return new Map<string, Found<ConfigEntry[]>>();
    const resources = names.map((resourceName) => ({
      resourceType: topicResource,
      resourceName,
      // A null list asks for every config of the resource.
      configurationKeys: null as unknown as string[],
    }));
    const answer = await this.#connection.request((c) =>
      describeConfigsV4.api.async(c, resources, false, false),
    );
    return new Map(
      answer.results.map((result) => [
        result.resourceName,
        found(result, () =>
          result.configs.map(({ name, value, configSource, isSensitive }) => ({
            name,
            value: value ?? null,
            overridden: configSource === topicConfigSource,
            sensitive: isSensitive,
          })),
        ),
      ]),
    );
  }

  async createTopics(topics: readonly NewTopic[]) {
    if (topics.length === 0) return new Map<string, Outcome>();
    const request = topics.map(({ name, partitions, replicationFactor, configs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: [],
      configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
    }));
    const answer = await this.#connection.request((c) =>
      createTopicsV7.api.async(c, request, requestTimeoutMs, false),
    );
    return outcomesBy(answer.topics, ({ name }) => name);
  }

  async createPartitions(counts: ReadonlyMap<string, number>) {
    if (counts.size === 0) return new Map<string, Outcome>();
    // A null assignment leaves the placement to the controller; an empty one would ask for no new partition.
    const assignments = null as unknown as [];
    const request = [...counts].map(([name, count]) => ({ name, count, assignments }));
    const answer = await this.#connection.request((c) =>
      createPartitionsV3.api.async(c, request, requestTimeoutMs, false),
    );
    return outcomesBy(answer.results, ({ name }) => name);
  }

  async alterTopicConfigs(changes: readonly ConfigChange[]) {
    if (changes.length === 0) return new Map<string, Outcome>();
    const request = changes.map(({ topic, configs }) => ({
      resourceType: topicResource,
      resourceName: topic,
      configs: Object.entries(configs).map(([name, value]) => ({
        name,
        configOperation: value === null ? remove : set,
        value,
      })),
    }));
    const answer = await this.#connection.request((c) =>
      incrementalAlterConfigsV1.api.async(
        c,
        request as Parameters<typeof incrementalAlterConfigsV1.api.async>[1],
        false,
      ),
    );
    return outcomesBy(answer.responses, ({ resourceName }) => resourceName);
  }

  async deleteTopics(names: readonly string[]) {
    if (names.length === 0) return new Map<string, Outcome>();
    const request = names.map((name) => ({ name }));
    const answer = await this.#connection.request((c) =>
      deleteTopicsV6.api.async(c, request, requestTimeoutMs),
    );
    return outcomesBy(answer.responses, ({ name }) => name ?? '');
  }

  async listAcls() {
    const answer = await this.#connection.request((c) => describeAclsV3.api.async(c, anyAcl));
    if (errorName(answer.errorCode) === securityDisabled) return { enabled: false as const };
    if (answer.errorCode !== 0) refuse('DescribeAcls', answer.errorCode, answer.errorMessage);
    const acls = answer.resources.flatMap(
      ({ resourceType, resourceName, resourcePatternType, acls: bindings }) =>
        bindings.map(({ principal, host, operation, permissionType }): Acl => ({
          resourceType: keyOf(ResourceTypes, resourceType) as AclResourceType,
          resourceName,
          patternType: keyOf(ResourcePatternTypes, resourcePatternType) as Acl['patternType'],
          principal,
          host,
          operation: keyOf(AclOperations, operation) as AclOperation,
          permission: keyOf(AclPermissionTypes, permissionType) as Acl['permission'],
        })),
    );
    return { enabled: true as const, acls };
  }

  async createAcls(acls: readonly Acl[]) {
    if (acls.length === 0) return [];
    const answer = await this.#connection.request((c) => createAclsV3.api.async(c, acls.map(aclNumbers)));
    return answer.results.map(outcome);
  }

  async deleteAcls(acls: readonly Acl[]) {
    if (acls.length === 0) return [];
    const filters = acls
      .map(aclNumbers)
      .map((acl) => ({ ...acl, resourcePatternTypeFilter: acl.resourcePatternType }));
    const answer = await this.#connection.request((c) => deleteAclsV3.api.async(c, filters as never));
    return answer.filterResults.map(outcome);
  }

  async upsertScramUsers(users: readonly { name: string; password: string }[]) {
    if (users.length === 0) return new Map<string, Outcome>();
    const upsertions = await Promise.all(users.map(saltPassword));
    return this.#alterScram([], upsertions);
  }

  async deleteScramUsers(names: readonly string[]) {
    if (names.length === 0) return new Map<string, Outcome>();
    return this.#alterScram(
      names.map((name) => ({ name, mechanism: scramSha512 })),
      [],
    );
  }

  close() {
    return this.#connection.close();
  }

  async #alterScram(
    deletions: { name: string; mechanism: number }[],
    upsertions: Awaited<ReturnType<typeof saltPassword>>[],
  ) {
    const answer = await this.#connection.request((c) =>
      alterUserScramCredentialsV0.api.async(c, deletions as never, upsertions as never),
    );
    return outcomesBy(answer.results, ({ user }) => user);
  }
}

/** The cluster's administration, over raw protocol calls so that each resource keeps its own error. */
export const createAdmin = (settings: KafkaSettings, clientId = 'soma-admin'): ClusterAdmin =>
  new WireAdmin(settings, clientId);

/** Live brokers as seen after a login with these settings; throws `CLUSTER_UNREACHABLE` or `ADMIN_REFUSED`. */
export const describeBrokers = async (settings: KafkaSettings): Promise<{ brokers: number }> => {
  const admin = createAdmin(settings, 'soma-health');
  try {
    return { brokers: (await admin.describeCluster()).brokers.length };
  } catch (error) {
    throw error instanceof KafkaError
      ? error
      : new KafkaError('CLUSTER_UNREACHABLE', messageOf(error), { cause: error, transient: true });
  } finally {
    await admin.close();
  }
};
