import { Consumer } from '@platformatic/kafka';
import { createLogger } from '@soma/telemetry';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { createClient } from '../../client.js';
import { testConnection } from '../../testing/index.js';
import { createAdmin } from '../admin.js';
import type { GroupOnTopic } from '../types.js';

const { kafka } = testConnection(platform());
const admin = createAdmin(kafka, 'topic-groups-spec');
const logger = createLogger({ service: 'topic-groups-spec', level: 'fatal' });
const client = createClient(kafka, { clientId: 'topic-groups-spec', logger });
const prefix = uniqueName('groups');
const [read, other] = [`${prefix}.read`, `${prefix}.other`];
const group = (name: string) => `${prefix}.${name}`;
const undo: (() => Promise<unknown>)[] = [];

const rowOf = async (name: string, topic = read): Promise<GroupOnTopic | undefined> =>
  (await admin.topicGroups([topic])).find((row) => row.group === group(name));

const commit = async (name: string, topic: string, offsets: readonly [number, string][]) => {
  const kafkajs = client.admin();
  await kafkajs.connect();
  const partitions = offsets.map(([partition, offset]) => ({ partition, offset }));
  await kafkajs.setOffsets({ groupId: group(name), topic, partitions });
  await kafkajs.disconnect();
};

beforeAll(async () => {
  await admin.createTopics(
    [read, other].map((name) => ({ name, partitions: 3, replicationFactor: 3, configs: {} })),
  );
  // A producer that finds leaders which do not know the topic yet repeats itself, and would write events twice.
  await waitFor(async () => (await admin.topicData([read])).get(read)?.found, {
    describe: 'the leaders of the topic',
  });
  const producer = client.producer({ idempotent: true });
  await producer.connect();
  const messages = Array.from({ length: 30 }, (_, index) => ({ partition: index % 3, value: 'x' }));
  await producer.send({ topic: read, messages, acks: -1 });
  await producer.disconnect();
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
  const kafkajs = client.admin();
  await kafkajs.connect();
  const mine = (await kafkajs.listGroups()).groups
    .map(({ groupId }) => groupId)
    .filter((id) => id.startsWith(prefix));
  await kafkajs.deleteGroups(mine);
  await kafkajs.disconnect();
  await admin.deleteTopics([read, other]);
  await admin.close();
});

describe('topicGroups', () => {
  it('shows what a group without members has committed, and how far it is behind', async () => {
    await commit('empty', read, [
      [0, '4'],
      [2, '10'],
    ]);
    expect(await rowOf('empty')).toEqual({
      group: group('empty'),
      topic: read,
      type: 'classic',
      state: 'Empty',
      members: 0,
      lag: 6n,
      partitions: [
        { partition: 0, committed: 4n, latest: 10n },
        { partition: 2, committed: 10n, latest: 10n },
      ],
    });
    expect(await rowOf('empty', other)).toBeUndefined();
    const everything = await admin.topicGroups();
    expect(everything).toContainEqual(expect.objectContaining({ group: group('empty'), topic: read }));
  });

  it('counts the members of a classic group on each topic', async () => {
    for (const topics of [[read], [read, other]]) {
      const consumer = client.consumer({ groupId: group('classic') });
      undo.push(() => consumer.disconnect());
      await consumer.connect();
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({ eachMessage: () => Promise.resolve() });
    }
    const row = await waitFor(
      async () => {
        const seen = await rowOf('classic');
        return seen?.state === 'Stable' && seen.members === 2 ? seen : undefined;
      },
      { describe: 'both members of the classic group', timeoutMs: 40_000 },
    );
    expect(row).toMatchObject({ type: 'classic', topic: read });
    expect(await rowOf('classic', other)).toMatchObject({ members: 1 });
  });

  it('counts the members of a group of the new protocol (KIP-848)', async () => {
    const consumer = new Consumer({
      clientId: 'topic-groups-spec',
      bootstrapBrokers: [...kafka.brokers],
      groupId: group('consumer'),
      groupProtocol: 'consumer',
      ...(kafka.username !== undefined && {
        sasl: { mechanism: 'SCRAM-SHA-512', username: kafka.username, password: kafka.password ?? '' },
      }),
    });
    await commit('consumer', read, [[1, '7']]);
    const stream = await consumer.consume({ topics: [read], autocommit: false });
    undo.push(async () => {
      await stream.close();
      await consumer.close();
    });
    stream.resume();
    const row = await waitFor(
      async () => {
        const seen = await rowOf('consumer');
        return seen?.members === 1 ? seen : undefined;
      },
      { describe: 'the member of the new protocol’s group', timeoutMs: 40_000 },
    );
    expect(row).toMatchObject({
      type: 'consumer',
      lag: 3n,
      partitions: [{ partition: 1, committed: 7n, latest: 10n }],
    });
  });

  it('leaves out topics that no longer exist, and asks nothing for no topics', async () => {
    expect(await admin.topicGroups([`${prefix}.missing`])).toEqual([]);
    const counting = createAdmin(kafka, 'topic-groups-spec-counting');
    expect(await counting.topicGroups([])).toEqual([]);
    expect(counting.requests.size).toBe(0);
    await counting.close();
  });
});
