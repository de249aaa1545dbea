import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaError } from '../../errors.js';
import type { Brokers } from '../brokers.js';
import { describeCluster } from '../cluster.js';
import { latest, listOffsets } from '../offsets.js';
import { describeTopics } from '../topics.js';
import type { GroupOnTopic } from '../types.js';
import { coordinatedGroups, GroupMoved } from './coordinator.js';
import { type GroupFacts, joinGroups, topicsOfGroup } from './join.js';

const rounds = 10;
const roundPauseMs = 200;

const allGroups = async (brokers: Brokers): Promise<GroupFacts[]> => {
  const { brokers: live } = await describeCluster(brokers);
  const answers = await Promise.allSettled(live.map(({ id }) => coordinatedGroups(brokers, id)));
  return answers.flatMap((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
};

/** Groups move when a broker comes or goes; then every coordinator is asked again. */
const settledGroups = async (brokers: Brokers): Promise<GroupFacts[]> => {
  for (let round = 1; ; round += 1) {
    try {
      return await allGroups(brokers);
    } catch (error) {
      if (!(error instanceof GroupMoved)) throw error;
      if (round === rounds) {
        throw new KafkaError('CLUSTER_UNREACHABLE', `a group has no coordinator (${error.message})`, {
          cause: error,
          transient: true,
        });
      }
      await sleep(roundPauseMs);
    }
  }
};

export const topicGroups = async (brokers: Brokers, topics?: readonly string[]): Promise<GroupOnTopic[]> => {
  if (topics?.length === 0) return [];
  const groups = await settledGroups(brokers);
  const asked = topics && new Set(topics);
  const named = new Set(groups.flatMap((facts) => [...topicsOfGroup(facts)]));
  const described = await describeTopics(
    brokers,
    [...named].filter((topic) => asked?.has(topic) ?? true),
  );
  const existing = [...described.values()].flatMap((topic) => (topic.found ? [topic.value] : []));
  const offsets = await listOffsets(brokers, existing, latest);
  return joinGroups(
    groups,
    (topic) => described.get(topic)?.found === true,
    (topic, partition) => {
      const answer = offsets.get(topic)?.get(partition);
      return answer?.errorCode === 0 ? answer.offset : undefined;
    },
  );
};
