import { aclName } from '../src/core/acls.js';
import type { Actual, ActualSubject, ActualTopic, Mutation } from '../src/core/types.js';

/** What a broker has for a config that no topic sets. */
const brokerDefault = 'the default';

const noSubject: ActualSubject = { registered: false, versions: [], incompatibleWith: [] };

/** What a cluster is like after a mutation: a model, for the properties of plans. */
export const mutate = (actual: Actual, mutation: Mutation): Actual => {
  const topic = (name: string, change: (before: ActualTopic) => ActualTopic): Actual => {
    const before = actual.topics.get(name);
    if (!before) throw new Error(`the plan changes ${name}, which is not there`);
    return { ...actual, topics: new Map(actual.topics).set(name, change(before)) };
  };
  const subject = (name: string, change: Partial<ActualSubject>): Actual => {
    const before = actual.subjects.get(name) ?? noSubject;
    return { ...actual, subjects: new Map(actual.subjects).set(name, { ...before, ...change }) };
  };
  switch (mutation.kind) {
    case 'create-topic': {
      const { name, partitions, replicationFactor, config } = mutation.topic;
      if (actual.topics.has(name)) throw new Error(`the plan creates ${name}, which is there`);
      return {
        ...actual,
        names: new Set(actual.names).add(name),
        topics: new Map(actual.topics).set(name, {
          partitions,
          replicationFactor,
          configs: config,
          overridden: Object.keys(config),
        }),
      };
    }
    case 'add-partitions':
      return topic(mutation.topic, (before) => {
        if (mutation.count <= before.partitions)
          throw new Error(`the plan takes partitions from ${mutation.topic}`);
        return { ...before, partitions: mutation.count };
      });
    case 'set-config':
      return topic(mutation.topic, (before) => {
        const others = before.overridden.filter((config) => config !== mutation.config);
        return {
          ...before,
          configs: { ...before.configs, [mutation.config]: mutation.value ?? brokerDefault },
          overridden: mutation.value === null ? others : [...others, mutation.config],
        };
      });
    case 'set-level': {
      const { refusedUnder: _, ...before } = actual.subjects.get(mutation.subject) ?? noSubject;
      const changed = { ...before, level: mutation.level };
      return { ...actual, subjects: new Map(actual.subjects).set(mutation.subject, changed) };
    }
    case 'register-schema':
      return subject(mutation.subject, { registered: true });
    case 'create-acl':
      return { ...actual, acls: [...(actual.acls ?? []), mutation.acl] };
    case 'delete-acl':
      return {
        ...actual,
        ...(actual.acls && { acls: actual.acls.filter((acl) => aclName(acl) !== aclName(mutation.acl)) }),
      };
    case 'set-quota': {
      const others = actual.quotas.filter(({ user }) => user !== mutation.user);
      const values = actual.quotas.find(({ user }) => user === mutation.user)?.values;
      const changed = { user: mutation.user, values: { ...values, [mutation.name]: mutation.value } };
      return { ...actual, quotas: [...others, changed] };
    }
    case 'delete-topic': {
      const topics = new Map(actual.topics);
      const names = new Set(actual.names);
      topics.delete(mutation.topic);
      names.delete(mutation.topic);
      return { ...actual, topics, names };
    }
    case 'none':
      return actual;
  }
};
