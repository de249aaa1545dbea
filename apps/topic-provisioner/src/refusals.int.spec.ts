import { once } from 'node:events';
import { type Acl, createAdmin, createClient, type KafkaSettings, SchemaRegistry } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { createLogger } from '@soma/telemetry';
import { platform, startRelay, uniqueName, waitFor } from '@soma/testing';
import { catalogue } from '../test/catalogue.js';
import { write } from '../test/clients.js';
import { removeAll } from '../test/remove-all.js';
import { createTestJournal, type TestJournal } from '../test/test-journal.js';
import { Applier, type ApplyOptions, StalePlan } from './apply.js';
import type { Change } from './core/types.js';
import type { Manifest } from './manifest.js';
import type { Request } from './ports.js';
import { Provisioner } from './provisioner.js';

const { kafka: cluster, registry: registrySettings } = testConnection(platform());
const admin = createAdmin(cluster, 'refusals-spec');
const registry = new SchemaRegistry(registrySettings);
const logger = createLogger({ service: 'refusals-spec', level: 'silent' });
const everything: Request = { allow: ['unsafe', 'destructive', 'unknown'] };

let tested: TestJournal;
let kafka: KafkaSettings;
let orders: string;
const opened: Provisioner[] = [];

const provisioner = (declared = catalogue(), registryUrl = registrySettings.url): Provisioner => {
  const made = new Provisioner({
    kafka,
    registry: { url: registryUrl },
    catalogue: declared,
    environment: 'local',
  });
  opened.push(made);
  return made;
};

const apply = (one: Provisioner, request: Request = {}, more: Partial<ApplyOptions> = {}) =>
  new Applier(one, tested.journal).apply({ request, by: 'spec', ...more });

const mine = (name: string): boolean => name.startsWith(kafka.topicPrefix);
const names = async (): Promise<string[]> =>
  (await admin.listTopics())
    .map(({ name }) => name)
    .filter(mine)
    .toSorted();

const failureOf = (promise: Promise<unknown>): Promise<Error & { code: string }> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as Error & { code: string },
  );

const only = (changes: readonly Change[]): Change => {
  expect(changes).toHaveLength(1);
  return changes[0] as Change;
};

/** A topic that nobody declares, with one record and a retention of an hour. */
const handMade = async (name = 'made.by.hand'): Promise<string> => {
  const topic = kafka.topicPrefix + name;
  await admin.createTopics([
    { name: topic, partitions: 2, replicationFactor: 3, configs: { 'retention.ms': '3600000' } },
  ]);
  await waitFor(async () => (await names()).includes(topic), { describe: 'the topic made by hand' });
  await write(cluster, registrySettings, topic, 'precious');
  return topic;
};

const state = async (topic: string) => {
  const [shape, configs, data] = await Promise.all([
    admin.describeTopics([topic]),
    admin.describeTopicConfigs([topic]),
    admin.topicData([topic]),
  ]);
  return { shape: shape.get(topic), configs: configs.get(topic), data: data.get(topic) };
};

beforeAll(async () => {
  tested = await createTestJournal();
});
beforeEach(() => {
  kafka = { ...cluster, topicPrefix: `${uniqueName('refusal')}.` };
  orders = `${kafka.topicPrefix}orders.created`;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await removeAll(admin, registry, mine);
});
afterAll(async () => {
  await admin.close();
  await tested.drop();
});

describe('a topic with records', () => {
  it('that is undeclared survives everything that does not name it', async () => {
    const topic = await handMade();
    const before = await state(topic);
    const strict = provisioner(catalogue({ strict: true }));
    await strict.plan();
    await apply(strict, everything);
    await apply(strict, { ...everything, force: true });
    await strict.verify();
    await new Applier(strict, tested.journal).resume({ by: 'spec' });
    expect(await state(topic)).toEqual(before);
  });

  it('keeps its partitions, its replicas and its cleanup policy, and every message says why', async () => {
    await apply(provisioner());
    await write(cluster, registrySettings, orders, 'precious');
    const before = await state(orders);
    const other = provisioner(
      catalogue({
        partitions: 1,
        replicationFactor: 2,
        config: { 'retention.ms': '7d', 'min.insync.replicas': 2, 'cleanup.policy': 'compact' },
      }),
    );
    const { applied, left } = await apply(other, { allow: ['unsafe'], only: ['topics'] });
    // Its dead-letter topic follows in replicas, and is refused the same way.
    expect(applied).toEqual([]);
    expect(left.filter(({ resource }) => resource === orders)).toMatchObject([
      { field: 'partitions', class: 'unsupported', before: '3', after: '1' },
      { field: 'replicationFactor', class: 'unsupported', before: '3', after: '2' },
      { field: 'cleanup.policy', class: 'destructive', touches: { messages: 1 } },
    ]);
    expect(await state(orders)).toEqual(before);
  });

  it('loses retention one step an apply, and says which', async () => {
    await apply(provisioner());
    await write(cluster, registrySettings, orders, 'precious');
    const shorter = provisioner(catalogue({ config: { 'retention.ms': '1d', 'min.insync.replicas': 2 } }));
    const retention = async (): Promise<string | null | undefined> => {
      const found = (await admin.describeTopicConfigs([orders], ['retention.ms'])).get(orders);
      return found?.found ? found.value[0]?.value : undefined;
    };
    // Seven days, then half of it, then half of that, and then the day itself.
    for (const step of ['302400000', '151200000', '86400000']) {
      const change = only((await shorter.plan()).changes);
      if (step !== '86400000')
        expect(change.reason).toContain(`one step at a time: this apply goes to ${step}`);
      const { applied } = await apply(shorter, { allow: ['unsafe'] });
      expect(applied.map(({ outcome }) => outcome)).toEqual([{ ok: true }]);
      expect(await retention()).toBe(step);
    }
    expect((await shorter.plan()).changes).toEqual([]);
  });
});

describe('a deletion', () => {
  it('needs the name, waits for what its records were promised, and leaves a manifest', async () => {
    const topic = await handMade();
    const other = await handMade('another.by.hand');
    await registry.register(`${topic}-value`, '"string"');
    const one = provisioner();
    await apply(one);

    const young = await apply(one, { deletions: [topic] });
    expect(only(young.left)).toMatchObject({
      resource: topic,
      class: 'destructive',
      touches: { messages: 1 },
    });
    expect(only(young.left).refused).toMatch(/promised for \d+ more minutes; wait, or use --force/);
    expect(await names()).toContain(topic);

    const manifests: Manifest[] = [];
    const seenAtManifest: string[][] = [];
    const report = await apply(
      one,
      { deletions: [topic], force: true },
      {
        onManifest: async (manifest) => {
          manifests.push(manifest);
          seenAtManifest.push(await names());
        },
      },
    );
    expect(report.applied.map(({ outcome }) => outcome)).toEqual([{ ok: true }]);
    expect(seenAtManifest[0]).toContain(topic);
    expect(await names()).not.toContain(topic);
    expect(await names()).toContain(other);
    expect(manifests).toMatchObject([
      {
        topic,
        partitions: 2,
        replicationFactor: 3,
        configs: { 'retention.ms': '3600000' },
        messages: '1',
        subject: { versions: [{ version: 1, schema: '"string"' }] },
      },
    ]);
    const { rows } = await tested.postgres.query<{ manifest: Manifest }>(
      'SELECT manifest FROM plan_item WHERE manifest IS NOT NULL AND resource = $1',
      [topic],
    );
    expect(rows.map(({ manifest }) => manifest)).toEqual(manifests);
  });

  it('is refused while consumers are attached, whatever the age of the records', async () => {
    const topic = await handMade();
    await admin.alterTopicConfigs([{ topic, configs: { 'retention.ms': '1' } }]);
    const group = uniqueName('attached');
    const retry = { retries: 3 };
    const consumer = createClient(cluster, { clientId: group, logger, retry }).consumer({
      groupId: group,
      retry,
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({ eachMessage: () => Promise.resolve() });
      // Looked at until the member is there: an apply before that would delete the topic, and rightly so.
      const one = provisioner();
      await waitFor(
        async () => {
          const { changes } = await one.plan({ deletions: [topic] });
          return changes.some(({ refused }) => refused?.includes('attached'));
        },
        { describe: 'the member on the topic', timeoutMs: 40_000 },
      );
      const { left } = await apply(one, { deletions: [topic], only: ['topics'] });
      const change = left.find(({ resource }) => resource === topic) as Change;
      expect(change.refused).toBe(`consumers are attached: ${group} (1); stop them, or use --force`);
      expect(change.touches?.groups).toMatchObject([{ group, members: 1 }]);
    } finally {
      await consumer.disconnect();
    }
    expect(await names()).toContain(topic);
  }, 60_000);

  it('of a name that is not there, or that the catalogue declares, is refused', async () => {
    const one = provisioner();
    await apply(one);
    const request = { deletions: [orders, `${kafka.topicPrefix}nowhere`], force: true };
    const { left, applied } = await apply(one, request);
    expect(applied).toEqual([]);
    expect(left.map(({ refused }) => refused)).toEqual([
      'take it out of the catalogue first',
      'check its name',
    ]);
    expect(await names()).toContain(orders);
  });
});

describe('a plan that was shown', () => {
  it('is applied exactly', async () => {
    const one = provisioner();
    const expected = JSON.parse(JSON.stringify(await one.plan())) as ApplyOptions['expected'] & object;
    const { applied, left } = await apply(one, {}, { expected });
    expect(left).toEqual([]);
    expect(applied).toHaveLength(expected.changes.length);
  });

  it('is refused when anything has moved, which is told, and nothing is applied', async () => {
    const one = provisioner();
    const expected = await one.plan();
    await admin.createTopics([{ name: orders, partitions: 1, replicationFactor: 3, configs: {} }]);
    await waitFor(async () => (await names()).includes(orders));
    const failure = await failureOf(apply(one, everything, { expected }));
    expect(failure).toBeInstanceOf(StalePlan);
    expect((failure as StalePlan).moved).toEqual(
      expect.arrayContaining([
        `${orders} topic needs no change any more; it was – → 3 partitions, 3 replicas (create)`,
        `${orders} partitions is new: 1 → 3 (unsafe)`,
      ]),
    );
    expect(await names()).toEqual([orders]);
  });

  it('is refused by another cluster', async () => {
    const one = provisioner();
    const { clusterId, changes } = await one.plan();
    const failure = await failureOf(apply(one, {}, { expected: { clusterId: 'elsewhere', changes } }));
    expect(failure.message).toContain(`the plan is for cluster elsewhere, this is cluster ${clusterId}`);
    expect(await names()).toEqual([]);
  });
});

it('cannot judge a topic that its user may not see, says so in the broker’s words, and touches nothing', async () => {
  await apply(provisioner());
  const username = uniqueName('blind');
  const password = `pw-of-${username}`;
  const sees: Acl = {
    resourceType: 'CLUSTER',
    resourceName: 'kafka-cluster',
    patternType: 'LITERAL',
    principal: `User:${username}`,
    host: '*',
    operation: 'DESCRIBE',
    permission: 'ALLOW',
  };
  await admin.upsertScramUsers([{ name: username, password }]);
  await admin.createAcls([sees]);
  const blind = new Provisioner({
    kafka: { ...kafka, username, password },
    registry: registrySettings,
    catalogue: catalogue(),
    environment: 'local',
  });
  opened.push(blind);
  try {
    const plan = await waitFor(() => blind.plan({}).catch(() => undefined), { describe: 'the new user' });
    const topics = plan.changes.filter(({ part }) => part === 'topics');
    expect(topics).toHaveLength(3);
    for (const change of topics) {
      expect(change).toMatchObject({ class: 'unknown', mutation: { kind: 'none' } });
      expect(change.refused).toContain('TOPIC_AUTHORIZATION_FAILED');
    }
    const { applied } = await apply(blind, { ...everything, only: ['topics'] });
    expect(applied).toEqual([]);
    expect(await names()).toHaveLength(3);
  } finally {
    await admin.deleteAcls([sees]);
    await admin.deleteScramUsers([username]);
  }
});

describe('names and sizes', () => {
  it('refuses a topic that Kafka could not tell from one that stands', async () => {
    const clash = `${kafka.topicPrefix}orders_created`;
    await admin.createTopics([{ name: clash, partitions: 1, replicationFactor: 1, configs: {} }]);
    await waitFor(async () => (await names()).includes(clash));
    const { left, applied } = await apply(provisioner(), { only: ['topics'] });
    expect(left).toMatchObject([{ resource: orders, class: 'unsupported', refused: 'declare another name' }]);
    expect(left[0]?.reason).toContain(`${clash} stands on the cluster`);
    expect(applied.map(({ change }) => change.resource)).toEqual([
      `${kafka.topicPrefix}invoices.sent`,
      `${orders}.dlq`,
    ]);
  });

  it('says of a topic with 10,001 partitions what is possible, and does the rest', async () => {
    const { left, applied } = await apply(provisioner(catalogue({ partitions: 10_001 })), {
      only: ['topics'],
    });
    expect(left).toMatchObject([{ resource: orders, refused: 'declare at most 10000 partitions' }]);
    expect(applied).toHaveLength(2);
  });
});

it('names each resource that was refused with the broker’s own words, and does the others', async () => {
  const one = provisioner(catalogue({ replicationFactor: 9 }));
  const { applied, left } = await apply(one);
  const failed = applied.filter(({ outcome }) => !outcome.ok);
  expect(failed.map(({ change, outcome }) => [change.resource, outcome])).toEqual(
    [orders, `${orders}.dlq`].map((name) => [
      name,
      {
        ok: false,
        error: 'INVALID_REPLICATION_FACTOR',
        message: expect.stringMatching(/9 time.*only 3 broker/) as string,
      },
    ]),
  );
  expect(left).toEqual([]);
  expect(await names()).toEqual([`${kafka.topicPrefix}invoices.sent`]);
  // The record says so, too, and the same apply again tries what is left.
  const { rows } = await tested.postgres.query<{ resource: string }>(
    `SELECT resource FROM plan_item WHERE state = 'failed' AND error = 'INVALID_REPLICATION_FACTOR' AND resource = ANY($1)`,
    [[orders, `${orders}.dlq`]],
  );
  expect(rows).toHaveLength(2);
  expect((await one.plan()).changes.map(({ resource }) => resource)).toEqual([orders, `${orders}.dlq`]);
});

it('tells truly how far it came when the registry goes away in the middle, and goes on from there', async () => {
  const relay = await startRelay(registrySettings.url);
  const cut = new EventTarget();
  const gone = once(cut, 'gone');
  const one = provisioner(catalogue(), relay.url);
  const onProgress = (): void => {
    void relay.cut().then(() => cut.dispatchEvent(new Event('gone')));
  };
  const failure = await failureOf(apply(one, {}, { onProgress }));
  await gone;
  expect(failure.code).toBe('REGISTRY_UNAVAILABLE');
  const { rows } = await tested.postgres.query<{ state: string; kind: string }>(
    `SELECT item.state, item.change->'mutation'->>'kind' AS kind FROM plan_item AS item JOIN plan ON plan.id = plan_id
      WHERE plan.state = 'applying'`,
  );
  const states = Object.groupBy(rows, ({ kind }) => kind);
  expect(new Set(states['create-topic']?.map((item) => item.state))).toEqual(new Set(['done']));
  expect(new Set(states['create-acl']?.map((item) => item.state))).toEqual(new Set(['pending']));
  expect(await names()).toHaveLength(3);

  await relay.restore();
  const report = await apply(one);
  expect(report.resumed).toHaveLength(1);
  expect(report.resumed[0]?.applied.filter(({ outcome }) => !outcome.ok)).toEqual([]);
  expect((await one.plan()).changes).toEqual([]);
  await relay.close();
});
