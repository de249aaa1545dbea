import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalogue } from '@soma/contracts';
import { type Mutation, Provisioner } from '@soma/topic-provisioner';
import type { Connection } from '../../connection.js';
import { environment } from './catalogue.js';
import { mutationsOf, remove } from './mutations.js';

const goneWithinMs = 180_000;
const lookAgainMs = 500;

/** A part of the cluster under a prefix of its own, where nothing stands yet. */
export interface Site {
  readonly provisioner: Provisioner;
  /** All that applying the catalogue does there. */
  readonly mutations: readonly Mutation[];
}

/** Everything of one run of the bench lives under a prefix that says so. */
export const provisionerAt = (connection: Connection, prefix: string, catalogue: Catalogue): Provisioner =>
  new Provisioner({
    kafka: { ...connection.kafka, topicPrefix: prefix },
    registry: connection.registry,
    catalogue,
    environment,
  });

/** Brokers apply a deletion after the controller has: the next pass must not pay for it. */
const untilGone = async ({ admin }: Provisioner, prefix: string): Promise<void> => {
  const end = performance.now() + goneWithinMs;
  const left = async () => (await admin.listTopics()).filter(({ name }) => name.startsWith(prefix)).length;
  for (let count = await left(); count > 0; count = await left()) {
    if (performance.now() > end) throw new Error(`${count} topics under ${prefix} are still there`);
    await sleep(lookAgainMs);
  }
};

/** Runs work on a site of its own and removes whatever the catalogue made there, also after a failure. */
export const onSite = async <T>(
  connection: Connection,
  prefix: string,
  catalogue: Catalogue,
  work: (site: Site) => Promise<T>,
): Promise<T> => {
  const provisioner = provisionerAt(connection, prefix, catalogue);
  try {
    const mutations = mutationsOf(await provisioner.plan());
    try {
      return await work({ provisioner, mutations });
    } finally {
      await remove(provisioner, mutations);
      await untilGone(provisioner, prefix);
    }
  } finally {
    await provisioner.close();
  }
};
