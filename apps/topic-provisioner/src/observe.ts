import type { ClusterAdmin, ConfigEntry, Found, SchemaRegistry, TopicInfo } from '@soma/kafka';
import pMap from 'p-map';
import type { Actual, ActualTopic, Scope, TopicData } from './core/types.js';
import { SubjectLook } from './observe-subject.js';

/** Requests to the registry that are under way at the same time. */
export const registryConcurrency = 16;

/** Something that the brokers would not show though it is there. */
class ObservationError extends Error {
  override readonly name = 'ObservationError';
  readonly code = 'OBSERVATION_REFUSED';
}

const unknownTopic = 'UNKNOWN_TOPIC_OR_PARTITION';

/** The client makes an error of every topic that is not there: of a new catalogue's thousands, a few at a time. */
const absentTogether = 1_000;

/** Of topics that the listing does not have: what keeps the brokers from showing those that may be there. */
const unreadableTopics = async (
  admin: ClusterAdmin,
  absent: readonly string[],
): Promise<Map<string, string>> => {
  const unreadable = new Map<string, string>();
  for (let first = 0; first < absent.length; first += absentTogether) {
    const described = await admin.describeTopics(absent.slice(first, first + absentTogether));
    for (const [name, topic] of described) {
      if (topic.found || topic.error === unknownTopic) continue;
      unreadable.set(name, `${topic.message} (${topic.error})`);
    }
  }
  return unreadable;
};

const topicState = (info: TopicInfo, config: Found<ConfigEntry[]> | undefined): ActualTopic => {
  if (!config?.found) {
    const words = config ? `${config.message} (${config.error})` : 'no answer';
    throw new ObservationError(`the configs of ${info.name} cannot be read: ${words}`);
  }
  return {
    partitions: info.partitions.length,
    replicationFactor: Math.min(...info.partitions.map(({ replicas }) => replicas.length)),
    configs: Object.fromEntries(config.value.map(({ name, value }) => [name, value])),
    overridden: config.value.filter(({ overridden }) => overridden).map(({ name }) => name),
  };
};

const observeTopics = async (
  admin: ClusterAdmin,
  { topics: wishes }: Scope,
  { named = [], explainAbsent = true }: ObserveOptions,
) => {
  const wanted = [...new Set([...wishes.map(({ name }) => name), ...named])];
  // Once an apply waits for nothing but its rights, thousands of topics need not be listed for each look.
  const listing = wanted.length > 0 || explainAbsent ? await admin.listTopics() : [];
  const listed = new Map(listing.map((info) => [info.name, info]));
  const present = wanted.filter((name) => listed.has(name));
  const strict = new Set(wishes.filter((topic) => topic.strict).map(({ name }) => name));
  // Only what is ours is asked for: with thousands of topics the answer is a tenth of the whole.
  const keys = [...new Set([...wishes.flatMap(({ config }) => Object.keys(config)), 'retention.ms'])];
  const [unreadable, some, all] = await Promise.all([
    unreadableTopics(admin, explainAbsent ? wanted.filter((name) => !listed.has(name)) : []),
    admin.describeTopicConfigs(
      present.filter((name) => !strict.has(name)),
      keys,
    ),
    admin.describeTopicConfigs(present.filter((name) => strict.has(name))),
  ]);
  const topics = new Map<string, ActualTopic>();
  for (const name of present) {
    const info = listed.get(name);
    if (info) topics.set(name, topicState(info, some.get(name) ?? all.get(name)));
  }
  return { names: new Set(listed.keys()), topics, unreadable };
};

export interface ObserveOptions {
  /** Topics to look at besides those of the scope. */
  readonly named?: readonly string[];
  /** Ask of topics that are not listed whether they are only hidden from this user; true if left out. */
  readonly explainAbsent?: boolean;
}

/**
 * Reads from the brokers and the registry what `scope` and `named` speak of; changes nothing. The number of requests
 * to the brokers does not grow with the number of topics, but for their batches.
 */
export const observe = async (
  admin: ClusterAdmin,
  registry: SchemaRegistry,
  scope: Scope,
  options: ObserveOptions = {},
): Promise<Actual> => {
  const look = new SubjectLook(registry);
  const asked = [
    admin.describeCluster(),
    observeTopics(admin, scope, options),
    admin.listAcls(),
    scope.quotas.length > 0 ? admin.describeQuotas() : Promise.resolve([]),
    pMap(scope.subjects, async (subject) => [subject.subject, await look.observe(subject)] as const, {
      concurrency: registryConcurrency,
    }),
  ] as const;
  // Every answer is waited for: a request that outlives a failure would open the connection again after its close.
  await Promise.allSettled(asked);
  const [cluster, topics, acls, quotas, subjects] = await Promise.all(asked);
  return {
    clusterId: cluster.clusterId,
    brokers: cluster.brokers.length,
    ...topics,
    subjects: new Map(subjects),
    ...(acls.enabled && { acls: acls.acls }),
    quotas,
    data: new Map(),
  };
};

/** What topics hold and who reads them. Topics whose leaders do not answer are left out. */
export const weigh = async (
  admin: ClusterAdmin,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicData>> => {
  if (names.length === 0) return new Map();
  const [data, groups] = await Promise.all([admin.topicData(names), admin.topicGroups(names)]);
  const byTopic = Map.groupBy(groups, ({ topic }) => topic);
  return new Map(
    [...data].flatMap(([name, found]) => {
      if (!found.found) return [];
      const { messages, bytes, newestAt } = found.value;
      const attached = (byTopic.get(name) ?? []).map(({ group, members, lag }) => ({
        group,
        members,
        lag: Number(lag),
      }));
      return [
        [
          name,
          {
            messages: Number(messages),
            bytes,
            ...(newestAt !== undefined && { newestAt }),
            groups: attached,
          },
        ],
      ];
    }),
  );
};
