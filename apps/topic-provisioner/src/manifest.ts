import type { Acl, ClusterAdmin, SchemaReference, SchemaRegistry } from '@soma/kafka';

/** What was there before a topic was deleted: enough to make it again, without its records. */
export interface Manifest {
  readonly topic: string;
  readonly clusterId: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** The configs that the topic itself set. */
  readonly configs: Readonly<Record<string, string | null>>;
  readonly messages: string;
  readonly bytes: number;
  readonly acls: readonly Acl[];
  /** Committed offsets by group and partition. */
  readonly groups: readonly { readonly group: string; readonly offsets: Readonly<Record<string, string>> }[];
  readonly subject?: {
    readonly subject: string;
    readonly level: string | null;
    readonly versions: readonly {
      readonly version: number;
      readonly schema: string;
      readonly references?: readonly SchemaReference[];
    }[];
  };
}

const subjectOf = async (registry: SchemaRegistry, topic: string): Promise<Pick<Manifest, 'subject'>> => {
  const subject = `${topic}-value`;
  const versions = await registry.versions(subject);
  if (versions.length === 0) return {};
  const schemas = await Promise.all(versions.map((version) => registry.version(subject, version)));
  return {
    subject: {
      subject,
      level: (await registry.level(subject)) ?? null,
      versions: schemas.flatMap((one) => {
        if (!one) return [];
        const { version, schema, references } = one;
        return [{ version, schema, ...(references?.length && { references }) }];
      }),
    },
  };
};

/** Reads all that is known of a topic; throws if any of it cannot be read, since a deletion cannot be undone. */
export const takeManifest = async (
  admin: ClusterAdmin,
  registry: SchemaRegistry,
  topic: string,
  clusterId: string,
  now: Date,
): Promise<Manifest> => {
  const [described, configs, data, groups, acls, subject] = await Promise.all([
    admin.describeTopics([topic]),
    admin.describeTopicConfigs([topic]),
    admin.topicData([topic]),
    admin.topicGroups([topic]),
    admin.listAcls(),
    subjectOf(registry, topic),
  ]);
  const [shape, config, held] = [described.get(topic), configs.get(topic), data.get(topic)];
  if (!shape?.found || !config?.found || !held?.found) {
    throw new Error(`${topic} is not deleted: what it is could not be read for the manifest`);
  }
  const about = ({ resourceType, resourceName, patternType }: Acl): boolean =>
    resourceType === 'TOPIC' && patternType === 'LITERAL' && resourceName === topic;
  return {
    topic,
    clusterId,
    takenAt: now.toISOString(),
    partitions: shape.value.partitions.length,
    replicationFactor: Math.min(...shape.value.partitions.map(({ replicas }) => replicas.length)),
    configs: Object.fromEntries(
      config.value.filter(({ overridden }) => overridden).map(({ name, value }) => [name, value]),
    ),
    messages: `${held.value.messages}`,
    bytes: held.value.bytes,
    acls: acls.enabled ? acls.acls.filter(about) : [],
    groups: groups.map(({ group, partitions }) => ({
      group,
      offsets: Object.fromEntries(partitions.map(({ partition, committed }) => [partition, `${committed}`])),
    })),
    ...subject,
  };
};
