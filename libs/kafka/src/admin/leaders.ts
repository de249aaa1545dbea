import { batchByCount } from './batch.js';
import type { TopicInfo } from './types.js';

const topicsPerRequest = 1000;

/** Partitions of one topic that the same broker leads. */
export interface Led {
  readonly name: string;
  readonly partitions: readonly number[];
}

/** What each broker leads, by broker id; partitions without a leader are nobody's. */
const byLeader = (topics: readonly TopicInfo[]): Map<number, Led[]> => {
  const leaders = new Map<number, Led[]>();
  for (const { name, partitions } of topics) {
    const own = Map.groupBy(partitions, ({ leader }) => leader);
    for (const [leader, led] of own) {
      if (leader < 0) continue;
      const entry = { name, partitions: led.map(({ partition }) => partition) };
      const list = leaders.get(leader);
      if (list) list.push(entry);
      else leaders.set(leader, [entry]);
    }
  }
  return leaders;
};

/** Asks every leader for its partitions: the leaders at once, each one request after the other, 1000 topics each. */
export const askLeaders = async <O>(
  topics: readonly TopicInfo[],
  ask: (leader: number, led: readonly Led[]) => Promise<O>,
): Promise<O[]> => {
  const perLeader = await Promise.allSettled(
    [...byLeader(topics)].map(async ([leader, led]) => {
      const answers: O[] = [];
      for (const batch of batchByCount(led, topicsPerRequest)) answers.push(await ask(leader, batch));
      return answers;
    }),
  );
  return perLeader.flatMap((leader) => {
    if (leader.status === 'rejected') throw leader.reason;
    return leader.value;
  });
};

/** Answers per partition, by topic. */
export type ByPartition<T> = Map<string, Map<number, T>>;

/** Puts the answers of several brokers together. */
export const joinPartitions = <T>(
  answers: readonly (readonly { name: string; partitions: readonly (readonly [number, T])[] }[])[],
): ByPartition<T> => {
  const joined: ByPartition<T> = new Map();
  for (const { name, partitions } of answers.flat()) {
    const known = joined.get(name) ?? new Map<number, T>();
    for (const [partition, value] of partitions) known.set(partition, value);
    joined.set(name, known);
  }
  return joined;
};
