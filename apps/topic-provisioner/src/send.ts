import { type ClusterAdmin, isTransient, type Outcome, type SchemaRegistry } from '@soma/kafka';
import pMap from 'p-map';
import type { Batch, ChangeOf } from './core/batches.js';
import type { Change } from './core/types.js';
import { registryConcurrency } from './observe.js';
import { RegisteredTypes } from './registered-types.js';
import type { Applied } from './ports.js';

export interface Servers {
  readonly admin: ClusterAdmin;
  readonly registry: SchemaRegistry;
}

const unanswered: Outcome = {
  ok: false,
  error: 'NO_ANSWER',
  message: 'the broker did not answer for this resource',
};

const byName = (
  changes: readonly Change[],
  outcomes: ReadonlyMap<string | null, Outcome>,
  name: (change: Change) => string | null = ({ resource }) => resource,
): Applied[] => changes.map((change) => ({ change, outcome: outcomes.get(name(change)) ?? unanswered }));

const inOrder = (changes: readonly Change[], outcomes: readonly Outcome[]): Applied[] =>
  changes.map((change, index) => ({ change, outcome: outcomes[index] ?? unanswered }));

/** One call of the registry for each change; a refusal is its outcome, a registry that stays away an error. */
const each = <C extends Change>(
  changes: readonly C[],
  run: (change: C) => Promise<unknown>,
): Promise<Applied[]> =>
  pMap(
    changes,
    async (change): Promise<Applied> => {
      try {
        await run(change);
        return { change, outcome: { ok: true } };
      } catch (error) {
        if (isTransient(error)) throw error;
        const { code = 'ERROR', message } = error as Error & { code?: string };
        return { change, outcome: { ok: false, error: code, message } };
      }
    },
    { concurrency: registryConcurrency },
  );

/** Sends one batch to the servers and answers, for each of its changes, in their words. */
export const send = async ({ admin, registry }: Servers, { kind, changes }: Batch): Promise<Applied[]> => {
  switch (kind) {
    case 'create-topic': {
      const topics = (changes as ChangeOf<typeof kind>[]).map(({ mutation: { topic } }) => ({
        name: topic.name,
        partitions: topic.partitions,
        replicationFactor: topic.replicationFactor,
        configs: topic.config,
      }));
      return byName(changes, await admin.createTopics(topics));
    }
    case 'add-partitions': {
      const counts = (changes as ChangeOf<typeof kind>[]).map(
        ({ mutation }) => [mutation.topic, mutation.count] as const,
      );
      return byName(changes, await admin.createPartitions(new Map(counts)));
    }
    case 'set-config': {
      const settings = Map.groupBy(changes as ChangeOf<typeof kind>[], ({ mutation }) => mutation.topic);
      const configs = [...settings].map(([topic, group]) => ({
        topic,
        configs: Object.fromEntries(group.map(({ mutation }) => [mutation.config, mutation.value])),
      }));
      return byName(changes, await admin.alterTopicConfigs(configs));
    }
    case 'set-level':
      return each(changes as ChangeOf<typeof kind>[], ({ mutation: { subject, level } }) =>
        registry.setLevel(subject, level),
      );
    case 'register-schema': {
      // Looked up now, and not when this was planned: batches before this one may have registered them.
      const types = new RegisteredTypes(registry);
      return each(changes as ChangeOf<typeof kind>[], async ({ mutation: { subject, schema, refersTo } }) =>
        registry.register(subject, schema, await types.demand(refersTo)),
      );
    }
    case 'create-acl':
      return inOrder(
        changes,
        await admin.createAcls((changes as ChangeOf<typeof kind>[]).map(({ mutation }) => mutation.acl)),
      );
    case 'delete-acl':
      return inOrder(
        changes,
        await admin.deleteAcls((changes as ChangeOf<typeof kind>[]).map(({ mutation }) => mutation.acl)),
      );
    case 'set-quota': {
      const limits = Map.groupBy(changes as ChangeOf<typeof kind>[], ({ mutation }) => mutation.user);
      const values = [...limits].map(([user, group]) => ({
        user,
        values: Object.fromEntries(group.map(({ mutation }) => [mutation.name, mutation.value])),
      }));
      const userOf = (change: Change): string | null => (change as ChangeOf<'set-quota'>).mutation.user;
      return byName(changes, await admin.alterQuotas(values), userOf);
    }
    case 'delete-topic':
      return byName(changes, await admin.deleteTopics(changes.map(({ resource }) => resource)));
  }
};
