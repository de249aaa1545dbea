import { listOffsetsV7 } from '@platformatic/kafka';
import type { Brokers } from './brokers.js';
import { askLeaders, type ByPartition, joinPartitions } from './leaders.js';
import type { TopicInfo } from './types.js';

/** Timestamps with a meaning of their own in ListOffsets; the newest record is KIP-734. */
export const latest = -1n;
export const earliest = -2n;
export const newest = -3n;

/** An offset, and for `newest` its record's timestamp; -1 where there is no such record. */
export interface OffsetAnswer {
  readonly errorCode: number;
  readonly offset: bigint;
  readonly timestamp: bigint;
}

const consumer = -1;
const readUncommitted = 0;
const anyEpoch = -1;

/** One kind of offset of every partition that has a leader, asked at the leaders. */
export const listOffsets = async (
  brokers: Brokers,
  topics: readonly TopicInfo[],
  timestamp: bigint,
): Promise<ByPartition<OffsetAnswer>> => {
  const answers = await askLeaders(topics, async (leader, led) => {
    const request = led.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partitionIndex) => ({
        partitionIndex,
        currentLeaderEpoch: anyEpoch,
        timestamp,
      })),
    }));
    const answer = await brokers.askBroker(leader, listOffsetsV7, consumer, readUncommitted, request);
    return answer.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => [partition.partitionIndex, partition] as const),
    }));
  });
  return joinPartitions<OffsetAnswer>(answers);
};
