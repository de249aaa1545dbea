import type { Acl } from '@soma/kafka';
import { aclName } from './acls.js';
import type { Change, Desired, QuotaValues } from './types.js';

const missing = (acl: Acl): Change => ({
  part: 'acls',
  resource: aclName(acl),
  field: 'acl',
  before: null,
  after: 'granted',
  class: 'create',
  reason: 'it follows from the producers and consumers of the catalogue',
  mutation: { kind: 'create-acl', acl },
});

/** Under `strict`, a right on the topic itself that does not follow from its spec is revoked. */
const stray = (acl: Acl): Change => ({
  part: 'acls',
  resource: aclName(acl),
  field: 'acl',
  before: 'granted',
  after: null,
  class: 'unsafe',
  reason: 'the spec of the topic is strict and does not give this right: somebody may be using it',
  mutation: { kind: 'delete-acl', acl },
});

/** Changes that rights need; none on a cluster without an authorizer. */
export const aclChanges = (desired: Desired, acls: readonly Acl[] | undefined): Change[] => {
  if (!acls) return [];
  const existing = new Set(acls.map(aclName));
  const granted = desired.acls.filter((acl) => !existing.has(aclName(acl))).map(missing);
  const strict = new Set(desired.topics.filter((topic) => topic.strict).map(({ name }) => name));
  if (strict.size === 0) return granted;
  const wanted = new Set(desired.acls.map(aclName));
  const onStrictTopic = ({ resourceType, patternType, resourceName }: Acl): boolean =>
    resourceType === 'TOPIC' && patternType === 'LITERAL' && strict.has(resourceName);
  return [...granted, ...acls.filter((acl) => onStrictTopic(acl) && !wanted.has(aclName(acl))).map(stray)];
};

/** What people call the users that have no limits of their own. */
export const defaultUser = 'default';

/** Changes that client quotas need; a limit that the catalogue does not name is not ours. */
export const quotaChanges = (desired: readonly QuotaValues[], actual: readonly QuotaValues[]): Change[] => {
  const seen = new Map(actual.map(({ user, values }) => [user, values]));
  return desired.flatMap(({ user, values }) =>
    Object.entries(values).flatMap(([name, value]): Change[] => {
      const before = seen.get(user)?.[name];
      if (before === value) return [];
      const lower = before !== undefined && value < before;
      return [
        {
          part: 'quotas',
          resource: user ?? defaultUser,
          field: name,
          before: before === undefined ? null : `${before}`,
          after: `${value}`,
          class: lower ? 'unsafe' : before === undefined ? 'create' : 'safe',
          reason: lower
            ? 'a lower limit may throttle what runs today'
            : before === undefined
              ? 'the environment declares a limit and the cluster has none'
              : 'nobody is throttled more than today',
          mutation: { kind: 'set-quota', user, name, value },
        },
      ];
    }),
  );
};
