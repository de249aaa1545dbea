import type { KafkaSettings } from '../config.js';
import { KafkaError, messageOf } from '../errors.js';
import { createAcls, deleteAcls, listAcls } from './acls.js';
import { Brokers } from './brokers.js';
import { describeCluster } from './cluster.js';
import { alterTopicConfigs, describeTopicConfigs } from './configs.js';
import { topicGroups } from './groups/topic-groups.js';
import { alterQuotas, describeQuotas } from './quotas.js';
import { deleteScramUsers, upsertScramUsers } from './scram.js';
import { topicData } from './topic-data.js';
import { createPartitions, createTopics, deleteTopics, describeTopics, listTopics } from './topics.js';
import type { ClusterAdmin } from './types.js';

type Rest<F> = F extends (brokers: Brokers, ...rest: infer R) => unknown ? R : never;

/** Joins the calls of the files beside this one over the connections that they share. */
class WireAdmin implements ClusterAdmin {
  readonly #brokers: Brokers;

  constructor(settings: KafkaSettings, clientId: string) {
    this.#brokers = new Brokers(settings, clientId);
  }

  get requests() {
    return this.#brokers.requests;
  }

  describeCluster() {
    return describeCluster(this.#brokers);
  }
  listTopics() {
    return listTopics(this.#brokers);
  }
  describeTopics(...rest: Rest<typeof describeTopics>) {
    return describeTopics(this.#brokers, ...rest);
  }
  describeTopicConfigs(...rest: Rest<typeof describeTopicConfigs>) {
    return describeTopicConfigs(this.#brokers, ...rest);
  }
  createTopics(...rest: Rest<typeof createTopics>) {
    return createTopics(this.#brokers, ...rest);
  }
  createPartitions(...rest: Rest<typeof createPartitions>) {
    return createPartitions(this.#brokers, ...rest);
  }
  alterTopicConfigs(...rest: Rest<typeof alterTopicConfigs>) {
    return alterTopicConfigs(this.#brokers, ...rest);
  }
  deleteTopics(...rest: Rest<typeof deleteTopics>) {
    return deleteTopics(this.#brokers, ...rest);
  }
  topicData(...rest: Rest<typeof topicData>) {
    return topicData(this.#brokers, ...rest);
  }
  topicGroups(...rest: Rest<typeof topicGroups>) {
    return topicGroups(this.#brokers, ...rest);
  }
  listAcls() {
    return listAcls(this.#brokers);
  }
  createAcls(...rest: Rest<typeof createAcls>) {
    return createAcls(this.#brokers, ...rest);
  }
  deleteAcls(...rest: Rest<typeof deleteAcls>) {
    return deleteAcls(this.#brokers, ...rest);
  }
  describeQuotas() {
    return describeQuotas(this.#brokers);
  }
  alterQuotas(...rest: Rest<typeof alterQuotas>) {
    return alterQuotas(this.#brokers, ...rest);
  }
  upsertScramUsers(...rest: Rest<typeof upsertScramUsers>) {
    return upsertScramUsers(this.#brokers, ...rest);
  }
  deleteScramUsers(...rest: Rest<typeof deleteScramUsers>) {
    return deleteScramUsers(this.#brokers, ...rest);
  }
  close() {
    return this.#brokers.close();
  }
}

/** The cluster's administration, over raw protocol calls so that each resource keeps its own error. */
export const createAdmin = (settings: KafkaSettings, clientId = 'soma-admin'): ClusterAdmin =>
  new WireAdmin(settings, clientId);

/** Live brokers as seen after a login with these settings; throws `CLUSTER_UNREACHABLE` or `ADMIN_REFUSED`. */
export const describeBrokers = async (settings: KafkaSettings): Promise<{ brokers: number }> => {
  const admin = createAdmin(settings, 'soma-health');
  try {
    return { brokers: (await admin.describeCluster()).brokers.length };
  } catch (error) {
    throw error instanceof KafkaError
      ? error
      : new KafkaError('CLUSTER_UNREACHABLE', messageOf(error), { cause: error, transient: true });
  } finally {
    await admin.close();
  }
};
