import type { Acl } from '@soma/kafka';
import { type SpawnedService, uniqueName, waitFor } from '@soma/testing';
import { receive, type Received } from './notifications.js';
import { createSite, metric, type Site, twoRounds } from './site.js';

let site: Site;
let service: SpawnedService;
let received: Received;
let topic: string;

const declared = '2592000000';
const retention = 'retention.ms';

const setRetention = async (value: string): Promise<void> => {
  await site.admin.alterTopicConfigs([{ topic, configs: { [retention]: value } }]);
};

const actualRetention = async (): Promise<string | null | undefined> => {
  const found = (await site.admin.describeTopicConfigs([topic], [retention])).get(topic);
  return found?.found ? found.value[0]?.value : undefined;
};

const drift = (kind: string) => metric(service, 'soma_topic_drift', { class: kind });

const story = (lines: readonly string[]) =>
  waitFor(() => received.about(topic).length >= lines.length, {
    timeoutMs: 60_000,
    describe: lines.at(-1) ?? 'nothing',
  });

beforeEach(async () => {
  site = await createSite();
  topic = site.topic('settings.changed');
}, 90_000);

afterEach(async () => {
  await received.stop();
  await site.drop();
}, 90_000);

it('tells each drift once and its end once, and nothing of what came before anybody could be told', async () => {
  service = await site.start();
  await waitFor(async () => ((await drift('create')) ?? 0) > 10, { describe: 'the first plan' });
  await site.provision(service);
  received = receive(site);
  await waitFor(async () => (await drift('create')) === 0, { describe: 'a plan without drift' });

  await setRetention('3600000');
  const first = [`topics.drift 3600000 → ${declared}`];
  await story(first);
  await twoRounds(service);
  expect(received.about(topic)).toEqual(first);
  expect(await drift('safe')).toBe(1);
  expect(received.all[0]).toMatchObject({
    squads: ['identity-settings'],
    source: 'topic-provisioner',
    severity: 'info',
    metadata: { resource: topic, field: retention, class: 'safe' },
  });

  await setRetention('7200000');
  const second = [...first, `topics.drift 7200000 → ${declared}`];
  await story(second);

  // As a crash leaves it that comes between the acknowledgement of the brokers and the record of it.
  await site.postgres.query('UPDATE drift SET reported_at = NULL WHERE before = $1', ['7200000']);
  const repeated = [...second, `topics.drift 7200000 → ${declared}`];
  await story(repeated);
  const keys = received.all.map(({ dedupe_key }) => dedupe_key);
  expect(keys[2]).toBe(keys[1]);
  expect(keys[1]).not.toBe(keys[0]);

  await setRetention(declared);
  const all = [...repeated, `topics.drift.resolved 7200000 → ${declared}`];
  await story(all);
  await twoRounds(service);
  expect(received.about(topic)).toEqual(all);
  expect(received.all).toHaveLength(all.length);
  expect(await drift('safe')).toBe(0);
  const { rows } = await site.postgres.query<{ open: string }>(
    'SELECT count(*) AS open FROM drift WHERE closed_at IS NULL',
  );
  expect(rows).toEqual([{ open: '0' }]);
}, 180_000);

it('reverts what loses nothing when it is told to, tells both, and leaves the rest', async () => {
  service = await site.start({ PROVISIONER_REVERT: 'safe' });
  await waitFor(async () => (await drift('create')) === 0, {
    timeoutMs: 60_000,
    describe: 'the catalogue to stand without anybody',
  });
  received = receive(site);
  await setRetention('3600000');
  const reverted = [`topics.drift 3600000 → ${declared}`, `topics.drift.resolved 3600000 → ${declared}`];
  await story(reverted);
  expect(await actualRetention()).toBe(declared);

  await setRetention('9999999999');
  const all = [...reverted, `topics.drift 9999999999 → ${declared}`];
  await story(all);
  await twoRounds(service);
  expect(received.about(topic)).toEqual(all);
  expect(await actualRetention()).toBe('9999999999');
  expect(await drift('unsafe')).toBe(1);
}, 180_000);

/** An account with exactly the rights that the catalogue gives the topic-provisioner here. */
const leastPrivileges = async (): Promise<{ env: Record<string, string>; drop(): Promise<void> }> => {
  const [name, password] = [uniqueName('provisioner'), uniqueName('password')];
  const listed = await site.admin.listAcls();
  const rights = (listed.enabled ? listed.acls : [])
    .filter(({ principal }) => principal === 'User:topic-provisioner')
    .filter(
      ({ resourceType, resourceName }) =>
        resourceType === 'CLUSTER' || resourceName.startsWith(site.kafka.topicPrefix),
    )
    .map((acl): Acl => ({ ...acl, principal: `User:${name}` }));
  await site.admin.upsertScramUsers([{ name, password }]);
  await site.admin.createAcls(rights);
  return {
    env: { SOMA_KAFKA_USERNAME: name, SOMA_KAFKA_PASSWORD: password },
    drop: async () => {
      await site.admin.deleteAcls(rights);
      await site.admin.deleteScramUsers([name]);
    },
  };
};

it('does all of that with the rights that the catalogue gives it', async () => {
  const first = await site.start();
  await site.provision(first);
  await first.stop();
  const account = await leastPrivileges();
  try {
    received = receive(site);
    service = await site.start({ ...account.env, PROVISIONER_REVERT: 'safe' });
    await setRetention('3600000');
    await story([`topics.drift 3600000 → ${declared}`, `topics.drift.resolved 3600000 → ${declared}`]);
    expect(await actualRetention()).toBe(declared);
    const labels = { group: received.group, topic: site.topic('infra.notifications') };
    const members = () => metric(service, 'soma_consumer_group_members', labels);
    await waitFor(async () => (await members()) === 1, {
      timeoutMs: 60_000,
      describe: 'the groups of others',
    });
  } finally {
    await account.drop();
  }
}, 180_000);

it('shows who lags behind, and forgets the groups that have gone', async () => {
  service = await site.start();
  await site.provision(service);
  received = receive(site);
  const labels = { group: received.group, topic: site.topic('infra.notifications') };
  const members = () => metric(service, 'soma_consumer_group_members', labels);
  const lag = () => metric(service, 'soma_consumer_group_lag', labels);
  await waitFor(async () => (await members()) === 1, { timeoutMs: 60_000, describe: 'a member' });
  await setRetention('3600000');
  await waitFor(async () => received.all.length === 1 && (await lag()) === 0, { describe: 'no lag' });

  await received.stop();
  await waitFor(async () => (await members()) === 0, { timeoutMs: 60_000, describe: 'no member' });
  // A group has no lag where it never committed: it is told of news until one comes to a partition that it has read.
  for (let value = 3_600_001; (await lag()) === 0 && value < 3_600_050; value += 1) {
    await setRetention(`${value}`);
    await twoRounds(service);
  }
  expect(await lag()).toBeGreaterThan(0);
  await site.admin.deleteTopics([labels.topic]);
  await waitFor(async () => (await lag()) === undefined, { timeoutMs: 60_000, describe: 'nothing' });
  expect(await metric(service, 'soma_provisioner_requests', { api: 'Metadata' })).toBeGreaterThan(0);
  expect(await metric(service, 'soma_provisioner_plan_duration_seconds_count')).toBeGreaterThan(0);
}, 180_000);
