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

const onTopic = (facts: GroupFacts, topic: string, latestOf: LatestOf): GroupOnTopic => {
  const own = facts.committed.filter((one) => one.topic === topic);
  const partitions = own
    .map(({ partition, offset }) => {
      const latest = latestOf(topic, partition);
      return { partition, committed: offset, ...(latest !== undefined && { latest }) };
    })
    .sort((a, b) => a.partition - b.partition);
  return {
    group: facts.group,
    topic,
    type: facts.type,
    state: facts.state,
    members: facts.members.filter((topics) => (topics ? topics.includes(topic) : own.length > 0)).length,
    // A log that was truncated or made anew may end before the committed offset: nothing is left to read then.
    lag: partitions.reduce((sum, { committed, latest = committed }) => {
      const behind = latest - committed;
      return behind > 0n ? sum + behind : sum;
    }, 0n),
    partitions,
  };
};

/** One row per group and topic, for the topics that `wanted` says yes to; sorted by group, then topic. */
export const joinGroups = (
  groups: readonly GroupFacts[],
  wanted: (topic: string) => boolean,
  latestOf: LatestOf,
): GroupOnTopic[] =>
  groups
    .flatMap((facts) =>
      [...topicsOfGroup(facts)].filter(wanted).map((topic) => onTopic(facts, topic, latestOf)),
    )
    .sort((a, b) => compare(a.group, b.group) || compare(a.topic, b.topic));
