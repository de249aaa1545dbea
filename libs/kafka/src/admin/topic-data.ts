import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, found } from './answers.js';
import type { Brokers } from './brokers.js';
import { leaderSizes } from './log-dirs.js';
import { earliest, latest, listOffsets, newest, type OffsetAnswer } from './offsets.js';
import { describeTopics } from './topics.js';
import type { Found, TopicData, TopicInfo } from './types.js';

const rounds = 3;
const roundPauseMs = 200;

/** Errors of a partition whose leader moves, or is so new that its broker does not know it yet. */
const passing = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_LEADER_EPOCH',
  'FENCED_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
]);
const noLeader: OffsetAnswer = { errorCode: 5, offset: -1n, timestamp: -1n };

interface Facts {
  readonly latest: OffsetAnswer;
  readonly earliest: OffsetAnswer;
  readonly newest: OffsetAnswer;
  readonly bytes: number;
}

/** A topic's data from that of its partitions; the first error of a partition is the topic's. */
const sumUp = (partitions: readonly Facts[]): Found<TopicData> => {
  const errors = partitions.flatMap((one) => [one.latest, one.earliest, one.newest]);
  const error: Answer = errors.find(({ errorCode }) => errorCode !== 0) ?? { errorCode: 0 };
  return found(error, () => {
    const newestAt = Math.max(...partitions.map((one) => Number(one.newest.timestamp)));
    return {
      messages: partitions.reduce((sum, one) => sum + one.latest.offset - one.earliest.offset, 0n),
      bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(newestAt >= 0 && { newestAt }),
    };
  });
};

const measure = async (
  brokers: Brokers,
  topics: readonly TopicInfo[],
): Promise<Map<string, Found<TopicData>>> => {
  // The earliest first: what is written or deleted meanwhile never makes the difference negative.
  const first = await listOffsets(brokers, topics, earliest);
  const last = await listOffsets(brokers, topics, latest);
  const young = await listOffsets(brokers, topics, newest);
  const sizes = await leaderSizes(brokers, topics);
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      sumUp(
        partitions.map(({ partition }) => ({
          latest: last.get(name)?.get(partition) ?? noLeader,
          earliest: first.get(name)?.get(partition) ?? noLeader,
          newest: young.get(name)?.get(partition) ?? noLeader,
          bytes: sizes.get(name)?.get(partition) ?? 0,
        })),
      ),
    ]),
  );
};

export const topicData = async (
  brokers: Brokers,
  names: readonly string[],
): Promise<Map<string, Found<TopicData>>> => {
  const data = new Map<string, Found<TopicData>>();
  let asked: readonly string[] = [...new Set(names)];
  for (let round = 1; asked.length > 0; round += 1) {
    const described = await describeTopics(brokers, asked);
    const topics: TopicInfo[] = [];
    for (const [name, topic] of described) {
      if (topic.found) topics.push(topic.value);
      else data.set(name, topic);
    }
    const again: string[] = [];
    for (const [name, measured] of await measure(brokers, topics)) {
      data.set(name, measured);
      if (!measured.found && passing.has(measured.error)) again.push(name);
    }
    asked = round < rounds ? again : [];
    if (asked.length > 0) await sleep(roundPauseMs);
  }
  return data;
};
