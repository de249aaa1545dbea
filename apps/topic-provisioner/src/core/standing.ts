import { aclName } from './acls.js';
import { sameValue } from './config-rules.js';
import type { Actual, Change } from './types.js';

/**
 * Where a planned change stands when one looks again: the cluster shows its result (`done`), or still the state from
 * which it was planned (`open`), or something else (`moved`), on which it must not be applied.
 */
export type Standing = 'done' | 'open' | 'moved';

const between = (actual: string | null, before: string | null, isDone: boolean): Standing =>
  isDone ? 'done' : actual === before ? 'open' : 'moved';

/** Looks changes up in a state of the cluster. */
export const standingIn = (actual: Actual): ((change: Change) => Standing) => {
  const granted = new Set(actual.acls?.map(aclName));
  const limits = new Map(actual.quotas.map(({ user, values }) => [user, values]));
  return (change) => standing(change, actual, granted, limits);
};

const standing = (
  { mutation, before }: Change,
  actual: Actual,
  granted: ReadonlySet<string>,
  limits: ReadonlyMap<string | null, Readonly<Record<string, number>>>,
): Standing => {
  switch (mutation.kind) {
    case 'create-topic':
      return actual.names.has(mutation.topic.name) ? 'done' : 'open';
    case 'delete-topic':
      return actual.names.has(mutation.topic) ? 'open' : 'done';
    case 'add-partitions': {
      const partitions = actual.topics.get(mutation.topic)?.partitions;
      return between(`${partitions}`, before, partitions === mutation.count);
    }
    case 'set-config': {
      const topic = actual.topics.get(mutation.topic);
      const { config, value } = mutation;
      const now = topic?.configs[config] ?? null;
      const isDone =
        value === null ? topic?.overridden.includes(config) === false : sameValue(config, now, value);
      return topic ? between(now, before, isDone) : 'moved';
    }
    case 'set-level': {
      const level = actual.subjects.get(mutation.subject)?.level ?? null;
      return between(level, before, level === mutation.level);
    }
    case 'register-schema': {
      const seen = actual.subjects.get(mutation.subject);
      if (seen?.registered) return 'done';
      return seen && seen.incompatibleWith.length > 0 ? 'moved' : 'open';
    }
    case 'create-acl':
    case 'delete-acl':
      return granted.has(aclName(mutation.acl)) === (mutation.kind === 'create-acl') ? 'done' : 'open';
    case 'set-quota': {
      const now = limits.get(mutation.user)?.[mutation.name];
      return between(now === undefined ? null : `${now}`, before, now === mutation.value);
    }
    case 'none':
      return 'moved';
  }
};
