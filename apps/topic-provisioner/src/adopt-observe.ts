import type { SquadName } from '@soma/contracts';
import type { ClusterAdmin, SchemaRegistry, TopicInfo } from '@soma/kafka';
import pMap from 'p-map';
import { aclsOn } from './core/adopt-candidates.js';
import type { SubjectFacts, TopicFacts } from './core/adopt-facts.js';
import { registryConcurrency } from './observe.js';

const subjectFacts = async (registry: SchemaRegistry, subject: string): Promise<SubjectFacts | undefined> => {
  const versions = await registry.versions(subject);
  const newest = versions.length > 0 ? await registry.version(subject, 'latest') : undefined;
  if (!newest) return undefined;
  const level = (await registry.level(subject)) ?? (await registry.defaultLevel());
  const references = (newest.references ?? []).map((one) => one.subject);
  return { schema: newest.schema, versions, level, references };
};

const subjectsOf = async (
  registry: SchemaRegistry,
  topics: readonly string[],
): Promise<ReadonlyMap<string, SubjectFacts>> => {
  const known = new Set(await registry.subjects());
  const some = topics.filter((topic) => known.has(`${topic}-value`));
  const found = await pMap(
    some,
    async (topic) => [topic, await subjectFacts(registry, `${topic}-value`)] as const,
    { concurrency: registryConcurrency },
  );
  return new Map(found.flatMap(([topic, facts]) => (facts ? [[topic, facts]] : [])));
};

/** Reads all that a spec can say of these topics; changes nothing. Topics that are gone by now are left out. */
export const observeUndeclared = async (
  { admin, registry }: { readonly admin: ClusterAdmin; readonly registry: SchemaRegistry },
  topics: readonly TopicInfo[],
  { prefix, squad }: { readonly prefix: string; readonly squad: SquadName },
): Promise<readonly TopicFacts[]> => {
  if (topics.length === 0) return [];
  const names = topics.map(({ name }) => name);
  const asked = [
    admin.describeTopicConfigs(names),
    admin.listAcls(),
    admin.topicGroups(names),
    subjectsOf(registry, names),
  ] as const;
  // Every answer is waited for: a request that outlives a failure would open the connection again after its close.
  await Promise.allSettled(asked);
  const [configs, listed, attached, subjects] = await Promise.all(asked);
  const groups = Map.groupBy(attached, ({ topic }) => topic);
  return topics.flatMap(({ name, partitions }): TopicFacts[] => {
    const config = configs.get(name);
    if (!config?.found) return [];
    const replicas = partitions.map((partition) => partition.replicas.length);
    const subject = subjects.get(name);
    return [
      {
        topic: name.slice(prefix.length),
        squad,
        partitions: partitions.length,
        replicas: { fewest: Math.min(...replicas), most: Math.max(...replicas) },
        configs: config.value,
        ...aclsOn(listed.enabled ? listed.acls : [], name),
        groups: (groups.get(name) ?? []).map(({ group }) => group),
        ...(subject && { subject }),
      },
    ];
  });
};
