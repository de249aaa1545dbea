import type { Actual, Change, Desired } from './types.js';

/** How long Kafka keeps records where neither the topic nor anybody else says it (log.retention.hours). */
const defaultRetentionMs = 7 * 86_400_000;

export interface DeletionOptions {
  /** Topics that were named to be deleted. */
  readonly deletions: readonly string[];
  /** Delete also what is in use or younger than its retention. */
  readonly force: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

const minutes = (ms: number): number => Math.ceil(ms / 60_000);

/** Why a topic that was named should stay, and what to do about it. */
const guard = (topic: string, actual: Actual, now: number): string | undefined => {
  const data = actual.data.get(topic);
  if (!data) return 'what it holds could not be read: try again when its leaders are there';
  const attached = data.groups.filter(({ members }) => members > 0);
  if (attached.length > 0) {
    const groups = attached.map(({ group, members }) => `${group} (${members})`).join(', ');
    return `consumers are attached: ${groups}; stop them, or use --force`;
  }
  const retention = Number(actual.topics.get(topic)?.configs['retention.ms'] ?? defaultRetentionMs);
  if (data.newestAt === undefined) return undefined;
  if (retention < 0) return 'it holds records and keeps them without limit; use --force';
  const left = data.newestAt + retention - now;
  return left > 0
    ? `its newest record is promised for ${minutes(left)} more minutes; wait, or use --force`
    : undefined;
};

/** Deletions of topics that were named; nothing else is ever deleted. */
export const deletionChanges = (
  desired: Desired,
  actual: Actual,
  { deletions, force, now }: DeletionOptions,
): Change[] =>
  deletions.map((topic): Change => {
    const draft = { part: 'topics', resource: topic, field: 'topic', after: null } as const;
    const impossible = (reason: string, refused: string): Change => ({
      ...draft,
      before: actual.names.has(topic) ? 'there' : null,
      class: 'unsupported',
      reason,
      refused,
      mutation: { kind: 'none' },
    });
    const words = actual.unreadable.get(topic);
    if (words !== undefined)
      return impossible(`the brokers do not show it: ${words}`, 'get that right first');
    if (!actual.names.has(topic)) return impossible('the cluster has no such topic', 'check its name');
    if (desired.topics.some(({ name }) => name === topic)) {
      return impossible(
        'the catalogue declares it: it would come back empty',
        'take it out of the catalogue first',
      );
    }
    const data = actual.data.get(topic);
    const refused = force ? undefined : guard(topic, actual, now);
    return {
      ...draft,
      before: data ? `${data.messages} messages, ${data.bytes} bytes` : 'there',
      class: 'destructive',
      reason: 'it was named to be deleted, with all that it holds',
      ...(refused !== undefined && { refused }),
      ...(data && { touches: data }),
      mutation: { kind: 'delete-topic', topic },
    };
  });
