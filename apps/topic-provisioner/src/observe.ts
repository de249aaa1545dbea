import type { ClusterAdmin, SchemaRegistry } from '@soma/kafka';
import { isCompatible, versionsToCheck } from './core/compatibility.js';
import type { Actual, ActualSubject, ActualTopic, Desired, DesiredSubject } from './core/types.js';

/** A resource that the broker would not describe, though it did not say that it does not exist. */
class ObservationError extends Error {
  override readonly name = 'ObservationError';
  readonly code = 'OBSERVATION_REFUSED';
}

const observeTopics = async (
  admin: ClusterAdmin,
  names: readonly string[],
): Promise<Map<string, ActualTopic>> => {
  const described = await admin.describeTopics(names);
  const existing = [...described].flatMap(([name, topic]) => {
    if (topic.found) return [{ name, info: topic.value }];
    if (topic.error === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
    throw new ObservationError(`topic ${name}: ${topic.message} (${topic.error})`);
  });
  const configs = await admin.describeTopicConfigs(existing.map(({ name }) => name));
  return new Map(
    existing.map(({ name, info }) => {
      const config = configs.get(name);
      if (!config?.found) throw new ObservationError(`configs of ${name}: ${config?.message ?? 'no answer'}`);
      return [
        name,
        {
          partitions: info.partitions.length,
          replicationFactor: info.partitions[0]?.replicas.length ?? 0,
          configs: Object.fromEntries(config.value.map((entry) => [entry.name, entry.value])),
        },
      ];
    }),
  );
};

const observeSubject = async (registry: SchemaRegistry, desired: DesiredSubject): Promise<ActualSubject> => {
  const { subject, schema, level } = desired;
  const versions = await registry.versions(subject);
  const [own, registered] = await Promise.all([
    registry.level(subject),
    versions.length > 0 ? registry.lookup(subject, schema) : undefined,
  ]);
  // The registry judges by the level that is in force; for another one the versions are compared here.
  const judge = async (version: number): Promise<boolean> => {
    if (own === level) return registry.compatible(subject, version, schema);
    const older = await registry.version(subject, version);
    return older === undefined || isCompatible(level, schema, older.schema);
  };
  const incompatibleWith: number[] = [];
  if (!registered) {
    for (const version of versionsToCheck(level, versions))
      if (!(await judge(version))) incompatibleWith.push(version);
  }
  return { ...(own && { level: own }), registered: registered !== undefined, versions, incompatibleWith };
};

/** Reads from the brokers and the registry what `desired` names; changes nothing. */
export const observe = async (
  admin: ClusterAdmin,
  registry: SchemaRegistry,
  desired: Desired,
): Promise<Actual> => {
  const asked = [
    admin.describeCluster(),
    observeTopics(
      admin,
      desired.topics.map(({ name }) => name),
    ),
    admin.listAcls(),
    Promise.all(
      desired.subjects.map(
        async (subject) => [subject.subject, await observeSubject(registry, subject)] as const,
      ),
    ),
  ] as const;
  // Every answer is waited for: a request that outlives a failure would open the connection again after its close.
  await Promise.allSettled(asked);
  const [cluster, topics, acls, subjects] = await Promise.all(asked);
  return {
    clusterId: cluster.clusterId,
    brokers: cluster.brokers.length,
    topics,
    subjects: new Map(subjects),
    ...(acls.enabled && { acls: acls.acls }),
  };
};
