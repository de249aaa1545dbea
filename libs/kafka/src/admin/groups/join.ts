import type { GroupOnTopic } from '../types.js';

/** One group as its coordinator shows it. */
export interface GroupFacts {
  readonly group: string;
  readonly type: string;
  readonly state: string;
  /** Per member the topics that it reads; `undefined` when it does not show them. */
  readonly members: readonly (readonly string[] | undefined)[];
  readonly committed: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: bigint;
  }[];
}

/** The latest offset of a partition; undefined when it has none to show. */
export type LatestOf = (topic: string, partition: number) => bigint | undefined;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every topic that a group has to do with. */
export const topicsOfGroup = ({ members, committed }: GroupFacts): Set<string> =>
  new Set([...committed.map(({ topic }) => topic), ...members.flatMap((topics) => topics ?? [])]);

type Committed = GroupFacts['committed'];

const onTopic = (
  { group, type, state }: GroupFacts,
  topic: string,
  members: number,
  committed: Committed,
  latestOf: LatestOf,
): GroupOnTopic => {
  const partitions = committed
    .map(({ partition, offset }) => {
      const latest = latestOf(topic, partition);
      return { partition, committed: offset, ...(latest !== undefined && { latest }) };
    })
    .sort((a, b) => a.partition - b.partition);
  // A log that was truncated or made anew may end before the committed offset: nothing is left to read then.
  const lag = partitions.reduce((sum, one) => {
    const behind = (one.latest ?? one.committed) - one.committed;
    return behind > 0n ? sum + behind : sum;
  }, 0n);
  return { group, topic, type, state, members, lag, partitions };
};

/** The rows of one group; one pass over what it has, for a group may read thousands of topics. */
const rowsOf = (facts: GroupFacts, wanted: (topic: string) => boolean, latestOf: LatestOf) => {
  const committed = Map.groupBy(facts.committed, ({ topic }) => topic);
  const readers = new Map<string, number>();
  for (const topics of facts.members) {
    for (const topic of new Set(topics ?? committed.keys())) {
      readers.set(topic, (readers.get(topic) ?? 0) + 1);
    }
  }
  return [...topicsOfGroup(facts)]
    .filter(wanted)
    .map((topic) => onTopic(facts, topic, readers.get(topic) ?? 0, committed.get(topic) ?? [], latestOf));
};

/** One row per group and topic, for the topics that `wanted` says yes to; sorted by group, then topic. */
export const joinGroups = (
  groups: readonly GroupFacts[],
  wanted: (topic: string) => boolean,
  latestOf: LatestOf,
): GroupOnTopic[] =>
  groups
    .flatMap((facts) => rowsOf(facts, wanted, latestOf))
    .sort((a, b) => compare(a.group, b.group) || compare(a.topic, b.topic));
