import type { ClusterAdmin, Outcome, SchemaRegistry } from '@soma/kafka';
import type { Change, Mutation } from './core/types.js';

/** What became of one change. */
export interface Applied {
  readonly change: Change;
  readonly outcome: Outcome;
}

type Of<K extends Mutation['kind']> = Change & { readonly mutation: Extract<Mutation, { kind: K }> };

const of = <K extends Mutation['kind']>(changes: readonly Change[], kind: K): Of<K>[] =>
  changes.filter((change): change is Of<K> => change.mutation.kind === kind);

const unanswered: Outcome = {
  ok: false,
  error: 'NO_ANSWER',
  message: 'the broker did not answer for this resource',
};

const byName = <K extends Mutation['kind']>(
  changes: readonly Of<K>[],
  outcomes: ReadonlyMap<string, Outcome>,
): Applied[] => changes.map((change) => ({ change, outcome: outcomes.get(change.resource) ?? unanswered }));

const attempt = async (change: Change, run: () => Promise<unknown>): Promise<Applied> => {
  try {
    await run();
    return { change, outcome: { ok: true } };
  } catch (error) {
    const { code = 'ERROR', message } = error as Error & { code?: string };
    return { change, outcome: { ok: false, error: code, message } };
  }
};

/**
 * Applies changes with one batched request per kind, topics before schemas before rights, and tells for each
 * what the broker said. A refusal of one resource stops no other; the same call again does what is left.
 */
export const applyChanges = async (
  admin: ClusterAdmin,
  registry: SchemaRegistry,
  changes: readonly Change[],
): Promise<Applied[]> => {
  const creations = of(changes, 'create-topic');
  const topics = creations.map(({ mutation: { topic } }) => ({
    name: topic.name,
    partitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    configs: topic.config,
  }));
  const applied = byName(creations, await admin.createTopics(topics));

  const additions = of(changes, 'add-partitions');
  const counts = new Map(additions.map(({ mutation }) => [mutation.topic, mutation.count]));
  applied.push(...byName(additions, await admin.createPartitions(counts)));

  const settings = of(changes, 'set-config');
  const perTopic = Map.groupBy(settings, ({ mutation }) => mutation.topic);
  const configs = [...perTopic].map(([topic, group]) => ({
    topic,
    configs: Object.fromEntries(group.map(({ mutation }) => [mutation.config, mutation.value])),
  }));
  applied.push(...byName(settings, await admin.alterTopicConfigs(configs)));

  // The level first: a subject is never without it, not even between its first two versions.
  for (const change of of(changes, 'set-level')) {
    const { subject, level } = change.mutation;
    applied.push(await attempt(change, () => registry.setLevel(subject, level)));
  }
  for (const change of of(changes, 'register-schema')) {
    const { subject, schema } = change.mutation;
    applied.push(await attempt(change, () => registry.register(subject, schema)));
  }

  const grants = of(changes, 'create-acl');
  const outcomes = await admin.createAcls(grants.map(({ mutation }) => mutation.acl));
  applied.push(...grants.map((change, index) => ({ change, outcome: outcomes[index] ?? unanswered })));
  return applied;
};
