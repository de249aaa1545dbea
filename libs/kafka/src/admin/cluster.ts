import { describeClusterV1 } from '@platformatic/kafka';
import { refuse } from './answers.js';
import type { Brokers } from './brokers.js';
import type { ClusterInfo } from './types.js';

const brokerEndpoints = 1;

export const describeCluster = async (brokers: Brokers): Promise<ClusterInfo> => {
  const answer = await brokers.ask(describeClusterV1, false, brokerEndpoints);
  if (answer.errorCode !== 0) refuse('DescribeCluster', answer);
  const live = answer.brokers.map(({ brokerId, host, port, rack }) => ({
    id: brokerId,
    host,
    port,
    rack: rack ?? null,
  }));
  brokers.learn(live);
  return { clusterId: answer.clusterId, controllerId: answer.controllerId, brokers: live };
};
