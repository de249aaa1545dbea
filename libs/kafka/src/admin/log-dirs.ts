import { describeLogDirsV4 } from '@platformatic/kafka';
import { refuse } from './answers.js';
import type { Brokers } from './brokers.js';
import { askLeaders, type ByPartition, joinPartitions } from './leaders.js';
import type { TopicInfo } from './types.js';

/** Bytes of every partition's log at its leader; partitions without a log yet are not among them. */
export const leaderSizes = async (
  brokers: Brokers,
  topics: readonly TopicInfo[],
): Promise<ByPartition<number>> => {
  const answers = await askLeaders(topics, async (leader, led) => {
    const request = led.map(({ name, partitions }) => ({ name, partitions: [...partitions] }));
    const answer = await brokers.askBroker(leader, describeLogDirsV4, request);
    if (answer.errorCode !== 0) refuse('DescribeLogDirs', answer);
    return answer.results.flatMap((directory) =>
      directory.topics.map(({ name, partitions }) => ({
        name,
        // A future log is a copy on its way into another directory of the same broker.
        partitions: partitions
          .filter(({ isFutureKey }) => !isFutureKey)
          .map(({ partitionIndex, partitionSize }) => [partitionIndex, Number(partitionSize)] as const),
      })),
    );
  });
  return joinPartitions(answers);
};
