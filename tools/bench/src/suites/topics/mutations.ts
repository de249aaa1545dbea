import type { Acl, NewTopic, Outcome } from '@soma/kafka';
import type { Mutation, Plan, Provisioner } from '@soma/topic-provisioner';
import type { CompatibilityLevel } from '@soma/contracts';

type Servers = Pick<Provisioner, 'admin' | 'registry'>;

/** The registry requests that the provisioner lets be under way together, and records together. */
const registryBatch = 100;
/** Few enough filters that the controller, which compares each with every ACL, keeps up with its heartbeats. */
const aclsPerDeletion = 250;

/** Mutations as the calls of the servers take them. */
interface Sorted {
  readonly topics: readonly NewTopic[];
  readonly levels: readonly { readonly subject: string; readonly level: CompatibilityLevel }[];
  readonly schemas: readonly { readonly subject: string; readonly schema: string }[];
  readonly acls: readonly Acl[];
}

const pieces = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

export const mutationsOf = ({ changes }: Plan): Mutation[] => changes.map(({ mutation }) => mutation);

/** Creations by kind; a generated catalogue has no others. */
export const sorted = (mutations: readonly Mutation[]): Sorted => ({
  topics: mutations.flatMap((one) => {
    if (one.kind !== 'create-topic') return [];
    const { name, partitions, replicationFactor, config } = one.topic;
    return [{ name, partitions, replicationFactor, configs: config }];
  }),
  levels: mutations.filter((one) => one.kind === 'set-level'),
  schemas: mutations.filter((one) => one.kind === 'register-schema'),
  acls: mutations.flatMap((one) => (one.kind === 'create-acl' ? [one.acl] : [])),
});

/** Throws with the first refusal: a pass that was refused something measures nothing. */
export const demand = (outcomes: Iterable<Outcome>): void => {
  for (const outcome of outcomes) if (!outcome.ok) throw new Error(`${outcome.message} (${outcome.error})`);
};

const eachInBatches = async <T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> => {
  for (const batch of pieces(items, registryBatch)) await Promise.all(batch.map(run));
};

/** The bare calls: as many of a kind in a request as it takes, the registry's side by side. */
export const createBatched = async (
  { admin, registry }: Servers,
  mutations: readonly Mutation[],
  signal: AbortSignal,
): Promise<void> => {
  const onBatch = () => signal.throwIfAborted();
  const { topics, levels, schemas, acls } = sorted(mutations);
  demand((await admin.createTopics(topics, { onBatch })).values());
  await eachInBatches(levels, ({ subject, level }) => registry.setLevel(subject, level));
  await eachInBatches(schemas, ({ subject, schema }) => registry.register(subject, schema));
  demand(await admin.createAcls(acls, { onBatch }));
};

/** One request for each, one after the other. */
export const createOneByOne = async (
  { admin, registry }: Servers,
  mutations: readonly Mutation[],
  signal: AbortSignal,
): Promise<void> => {
  const { topics, levels, schemas, acls } = sorted(mutations);
  for (const topic of topics) {
    signal.throwIfAborted();
    demand((await admin.createTopics([topic])).values());
  }
  for (const { subject, level } of levels) await registry.setLevel(subject, level);
  for (const { subject, schema } of schemas) await registry.register(subject, schema);
  for (const acl of acls) demand(await admin.createAcls([acl]));
};

/** Removes what these mutations made; what they did not get to make is no error. */
export const remove = async ({ admin, registry }: Servers, mutations: readonly Mutation[]): Promise<void> => {
  const { topics, levels, acls } = sorted(mutations);
  const tried = await Promise.allSettled([
    admin.deleteTopics(topics.map(({ name }) => name)),
    Promise.all(levels.map(({ subject }) => registry.deleteSubject(subject))),
    (async () => {
      for (const some of pieces(acls, aclsPerDeletion)) demand(await admin.deleteAcls(some));
    })(),
  ]);
  for (const one of tried) if (one.status === 'rejected') throw one.reason;
};
