import { platform, uniqueName, waitFor } from '@soma/testing';
import { KafkaError } from '../errors.js';
import { testConnection } from '../testing/index.js';
import { createAdmin, describeBrokers } from './admin.js';
import type { Acl } from './types.js';

const { kafka } = testConnection(platform());
const admin = createAdmin(kafka, 'admin-spec');
const prefix = uniqueName('admin');
const topic = (name: string) => ({
  name: `${prefix}.${name}`,
  partitions: 2,
  replicationFactor: 3,
  configs: { 'retention.ms': '3600000' },
});

afterAll(async () => {
  const mine = (await admin.listTopics()).map(({ name }) => name).filter((name) => name.startsWith(prefix));
  await admin.deleteTopics(mine);
  await admin.close();
});

describe('ClusterAdmin on a real cluster', () => {
  it('sees three brokers and who leads them', async () => {
    const { brokers, clusterId, controllerId } = await admin.describeCluster();
    expect(brokers).toHaveLength(3);
    expect(clusterId).not.toBe('');
    expect(brokers.map(({ id }) => id)).toContain(controllerId);
    expect(await describeBrokers(kafka)).toEqual({ brokers: 3 });
  });

  it('tells for each topic of one request what became of it', async () => {
    await admin.createTopics([topic('twice')]);
    const outcomes = await admin.createTopics([
      topic('new'),
      topic('twice'),
      { ...topic('replicas'), replicationFactor: 9 },
      { ...topic('config'), configs: { 'no.such.config': '1' } },
      { ...topic('bad name!') },
    ]);
    expect(outcomes.get(`${prefix}.new`)).toEqual({ ok: true });
    expect(outcomes.get(`${prefix}.twice`)).toMatchObject({ ok: false, error: 'TOPIC_ALREADY_EXISTS' });
    expect(outcomes.get(`${prefix}.replicas`)).toMatchObject({
      ok: false,
      error: 'INVALID_REPLICATION_FACTOR',
    });
    expect(outcomes.get(`${prefix}.config`)).toMatchObject({ ok: false, error: 'INVALID_CONFIG' });
    expect(outcomes.get(`${prefix}.bad name!`)).toMatchObject({
      ok: false,
      error: 'INVALID_TOPIC_EXCEPTION',
    });
  });

  it('reads topics and configs back, and says which are not there', async () => {
    await admin.createTopics([topic('read')]);
    const described = await waitFor(
      async () => {
        const seen = await admin.describeTopics([`${prefix}.read`, `${prefix}.missing`]);
        return seen.get(`${prefix}.read`)?.found ? seen : undefined;
      },
      { describe: 'the new topic in every broker’s metadata' },
    );
    expect(described.get(`${prefix}.read`)).toMatchObject({ found: true, value: { partitions: [{}, {}] } });
    expect(described.get(`${prefix}.missing`)).toMatchObject({
      found: false,
      error: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    const configs = (await admin.describeTopicConfigs([`${prefix}.read`])).get(`${prefix}.read`);
    const retention = configs?.found ? configs.value.find(({ name }) => name === 'retention.ms') : undefined;
    expect(retention).toEqual({ name: 'retention.ms', value: '3600000', overridden: true, sensitive: false });
  });

  it('changes the named configs and leaves the others alone', async () => {
    const name = `${prefix}.alter`;
    await admin.createTopics([
      { ...topic('alter'), configs: { 'retention.ms': '1000', 'segment.bytes': '1048576' } },
    ]);
    const changed = await admin.alterTopicConfigs([
      { topic: name, configs: { 'retention.ms': '2000', 'max.message.bytes': '2000000' } },
      { topic: `${prefix}.none`, configs: { 'retention.ms': '1' } },
    ]);
    expect(changed.get(name)).toEqual({ ok: true });
    expect(changed.get(`${prefix}.none`)).toMatchObject({ ok: false, error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    const values = async () => {
      const found = (await admin.describeTopicConfigs([name])).get(name);
      return found?.found ? Object.fromEntries(found.value.map((entry) => [entry.name, entry.value])) : {};
    };
    await waitFor(async () => (await values())['retention.ms'] === '2000', {
      describe: 'the changed config',
    });
    expect(await values()).toMatchObject({ 'segment.bytes': '1048576', 'max.message.bytes': '2000000' });
    await admin.alterTopicConfigs([{ topic: name, configs: { 'max.message.bytes': null } }]);
    await waitFor(async () => (await values())['max.message.bytes'] === '1048588', {
      describe: 'the default again',
    });
  });

  it('adds partitions and says why it cannot take them away', async () => {
    await admin.createTopics([topic('grow')]);
    const name = `${prefix}.grow`;
    expect((await admin.createPartitions(new Map([[name, 4]]))).get(name)).toEqual({ ok: true });
    const fewer = await waitFor(async () => {
      const outcome = (await admin.createPartitions(new Map([[name, 1]]))).get(name);
      return outcome?.ok === false ? outcome : undefined;
    });
    expect(fewer).toMatchObject({ error: 'INVALID_PARTITIONS' });
  });

  it('creates, lists and deletes exactly the ACLs it is given', async () => {
    const acl = (operation: Acl['operation']): Acl => ({
      resourceType: 'TOPIC',
      resourceName: `${prefix}.acl`,
      patternType: 'LITERAL',
      principal: `User:${prefix}`,
      host: '*',
      operation,
      permission: 'ALLOW',
    });
    const mine = async () => {
      const listed = await admin.listAcls();
      return listed.enabled ? listed.acls.filter(({ principal }) => principal === `User:${prefix}`) : [];
    };
    expect(await admin.createAcls([acl('READ'), acl('WRITE')])).toEqual([{ ok: true }, { ok: true }]);
    await waitFor(async () => (await mine()).length === 2, {
      describe: 'both ACLs on the broker that is asked',
    });
    expect(await admin.deleteAcls([acl('READ')])).toEqual([{ ok: true }]);
    await waitFor(async () => (await mine()).length === 1, { describe: 'one ACL left' });
    expect(await mine()).toEqual([acl('WRITE')]);
    await admin.deleteAcls([acl('WRITE')]);
  });

  it('makes SCRAM users that can log in, and refuses a wrong password with one clear message', async () => {
    await admin.upsertScramUsers([{ name: prefix, password: 'right' }]);
    const login = (password: string) => describeBrokers({ ...kafka, username: prefix, password });
    await waitFor(() => login('right'), { describe: 'the new user on the broker that is asked' });
    const refused = await login('wrong').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KafkaError);
    expect(refused).toMatchObject({ code: 'ADMIN_REFUSED' });
    expect((await admin.deleteScramUsers([prefix])).get(prefix)).toEqual({ ok: true });
  });

  it('names every broker that did not answer', async () => {
    const nobody = createAdmin({ brokers: ['127.0.0.1:1', '127.0.0.1:2'], topicPrefix: '' });
    const failure = await nobody.describeCluster().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'CLUSTER_UNREACHABLE', transient: true });
    expect((failure as Error).message).toMatch(/127\.0\.0\.1:1.*127\.0\.0\.1:2/);
  });
});
