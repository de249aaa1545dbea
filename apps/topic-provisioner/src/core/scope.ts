import type { Change, Scope } from './types.js';

type TopicScope = Scope['topics'][number];
type SubjectScope = Scope['subjects'][number];

/**
 * What to look at in order to see where changes stand. An interrupted apply is judged by what it set out to do, and not
 * by what the catalogue says by now.
 */
export const scopeOf = (changes: readonly Change[]): Scope => {
  const topics = new Map<string, TopicScope>();
  const subjects = new Map<string, SubjectScope>();
  const topic = (name: string, config: TopicScope['config'] = {}, strict = false): void => {
    const known = topics.get(name);
    topics.set(name, {
      name,
      config: { ...known?.config, ...config },
      strict: strict || (known?.strict ?? false),
    });
  };
  const subject = (name: string, more: Partial<SubjectScope>): void => {
    subjects.set(name, { subject: name, level: 'NONE', ...subjects.get(name), ...more });
  };
  for (const { mutation } of changes) {
    if (mutation.kind === 'create-topic') topic(mutation.topic.name, mutation.topic.config);
    if (mutation.kind === 'add-partitions' || mutation.kind === 'delete-topic') topic(mutation.topic);
    if (mutation.kind === 'set-config') {
      const { config, value } = mutation;
      // Whether a topic sets a config itself is seen only where all of its configs are asked for.
      topic(mutation.topic, value === null ? {} : { [config]: value }, value === null);
    }
    if (mutation.kind === 'set-level') subject(mutation.subject, { level: mutation.level });
    if (mutation.kind === 'register-schema') {
      const { kind: _, subject: name, ...schema } = mutation;
      subject(name, schema);
    }
  }
  const quotas = changes.flatMap(({ mutation }) =>
    mutation.kind === 'set-quota'
      ? [{ user: mutation.user, values: { [mutation.name]: mutation.value } }]
      : [],
  );
  return { topics: [...topics.values()], subjects: [...subjects.values()], quotas };
};
