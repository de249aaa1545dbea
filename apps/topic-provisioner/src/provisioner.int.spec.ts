import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createAdmin, type KafkaSettings, SchemaRegistry } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { catalogue, field, invoiceSchema, orderSchema } from '../test/catalogue.js';
import { readFirst, write } from '../test/clients.js';
import { removeAll } from '../test/remove-all.js';
import { createTestJournal, type TestJournal } from '../test/test-journal.js';
import { Applier, type ApplyReport } from './apply.js';
import { aclName } from './core/acls.js';
import type { Change } from './core/types.js';
import type { Request } from './ports.js';
import { Provisioner, type ProvisionerOptions, UnknownEnvironmentError } from './provisioner.js';

const { kafka: cluster, registry: registrySettings } = testConnection(platform());
const admin = createAdmin(cluster, 'provisioner-spec');
const registry = new SchemaRegistry(registrySettings);

let tested: TestJournal;
let kafka: KafkaSettings;
let orders: string;
let subject: string;
const opened: Provisioner[] = [];

const provisioner = (declared = catalogue(), options: Partial<ProvisionerOptions> = {}): Provisioner => {
  const made = new Provisioner({
    kafka,
    registry: registrySettings,
    catalogue: declared,
    environment: 'local',
    ...options,
  });
  opened.push(made);
  return made;
};

const apply = (one: Provisioner, request: Request = {}): Promise<ApplyReport> =>
  new Applier(one, tested.journal).apply({ request, by: 'spec' });

const anything: Request = { allow: ['unsafe', 'destructive', 'unknown'] };

const mine = (name: string): boolean => name.startsWith(kafka.topicPrefix);

/** What stands on the servers under this test's prefix. */
const standing = async () => {
  const [topics, listed, subjects] = await Promise.all([
    admin.listTopics(),
    admin.listAcls(),
    registry.subjects(),
  ]);
  const acls = listed.enabled ? listed.acls.filter(({ resourceName }) => mine(resourceName)) : [];
  return {
    topics: topics.filter(({ name }) => mine(name)),
    acls,
    subjects: subjects.filter(mine).toSorted(),
  };
};

const configsOf = async (topic: string): Promise<Record<string, string | null>> => {
  const found = (await admin.describeTopicConfigs([topic])).get(topic);
  return found?.found ? Object.fromEntries(found.value.map(({ name, value }) => [name, value])) : {};
};

const brief = (changes: readonly Change[]) =>
  changes.map(({ resource, field: what, class: kind }) => [resource, what, kind]);
const failures = ({ applied }: ApplyReport) => applied.filter(({ outcome }) => !outcome.ok);
const failureOf = (promise: Promise<unknown>): Promise<Error & { code: string }> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as Error & { code: string },
  );

/** A port on which nobody listens. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

beforeEach(() => {
  kafka = { ...cluster, topicPrefix: `${uniqueName('provision')}.` };
  orders = `${kafka.topicPrefix}orders.created`;
  subject = `${orders}-value`;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await removeAll(admin, registry, mine);
});

beforeAll(async () => {
  tested = await createTestJournal();
});

afterAll(async () => {
  await admin.close();
  await tested.drop();
});

describe('apply', () => {
  it('makes topics, configs, subjects, levels and ACLs, as other clients read them back', async () => {
    const made = provisioner();
    const report = await apply(made);
    expect(report.blocked).toEqual([]);
    expect(report.left).toEqual([]);
    expect(failures(report)).toEqual([]);

    const { topics, acls, subjects } = await standing();
    const shapes = topics.map(({ name, partitions }) => [
      name.slice(kafka.topicPrefix.length),
      partitions.length,
    ]);
    expect(shapes.toSorted()).toEqual([
      ['invoices.sent', 2],
      ['orders.created', 3],
      ['orders.created.dlq', 1],
    ]);
    const replicas = topics.flatMap(({ partitions }) =>
      partitions.map((partition) => new Set(partition.replicas).size),
    );
    expect(new Set(replicas)).toEqual(new Set([3]));
    expect(await configsOf(orders)).toMatchObject({
      'retention.ms': '604800000',
      'min.insync.replicas': '2',
    });
    expect(await configsOf(`${kafka.topicPrefix}invoices.sent`)).toMatchObject({
      'cleanup.policy': 'compact',
    });
    expect(await configsOf(`${orders}.dlq`)).toMatchObject({
      'retention.ms': '1209600000',
      'min.insync.replicas': '2',
    });

    expect(subjects).toEqual([`${kafka.topicPrefix}invoices.sent-value`, subject]);
    expect(await registry.level(subject)).toBe('FULL_TRANSITIVE');
    expect(await registry.level(`${kafka.topicPrefix}invoices.sent-value`)).toBe('BACKWARD');
    expect(JSON.parse((await registry.version(subject, 'latest'))?.schema ?? '')).toEqual(orderSchema());

    const wanted = made.desired.acls.filter(({ resourceName }) => mine(resourceName)).map(aclName);
    expect(acls.map(aclName).toSorted()).toEqual(wanted.toSorted());
    expect((await provisioner().verify()).changes).toEqual([]);
  });

  it('asks the registry once for each schema, and nothing more of what it has accepted', async () => {
    const made = provisioner();
    await apply(made);
    expect(made.registry.requests).toEqual(
      new Map([
        ['GET /subjects/{}/versions', 2],
        ['GET /config/{}', 2],
        ['PUT /config/{}', 2],
        ['POST /subjects/{}/versions', 2],
      ]),
    );
  });

  it('changes nothing when it runs again', async () => {
    await apply(provisioner());
    const before = await standing();
    const again = await apply(provisioner(), anything);
    expect(again.plan.changes).toEqual([]);
    expect(again.applied).toEqual([]);
    expect(await standing()).toEqual(before);
    expect(await registry.versions(subject)).toEqual([1]);
  });

  it('ends well when two run at the same time, and each thing stands once', async () => {
    const reports = await Promise.all([provisioner(), provisioner(), provisioner()].map((one) => apply(one)));
    expect(reports.flatMap(failures)).toEqual([]);
    expect(reports.flatMap(({ left }) => left)).toEqual([]);
    expect((await provisioner().plan()).changes).toEqual([]);
    expect(await registry.versions(subject)).toEqual([1]);
  });

  it('registers a compatible new version', async () => {
    await apply(provisioner());
    const evolved = catalogue({}, orderSchema(field('note', { default: '' })));
    expect(brief((await provisioner(evolved).plan()).changes)).toEqual([[subject, 'schema', 'safe']]);
    expect(failures(await apply(provisioner(evolved)))).toEqual([]);
    expect(await registry.versions(subject)).toEqual([1, 2]);
    expect((await provisioner(evolved).plan()).changes).toEqual([]);
  });
});

describe('what is not deleted, shrunk or slipped in', () => {
  it('keeps an undeclared topic, its data, its ACLs and its subject', async () => {
    const undeclared = `${kafka.topicPrefix}nobody.declared`;
    await admin.createTopics([
      { name: undeclared, partitions: 1, replicationFactor: 3, configs: { 'retention.ms': '3600000' } },
    ]);
    // A broker may not know it yet, and then takes nothing.
    await waitFor(async () => {
      await write(cluster, registrySettings, undeclared, 'precious');
      return true;
    });
    await registry.register(`${undeclared}-value`, '"string"');
    const report = await apply(provisioner(), anything);
    expect(report.plan.changes.filter(({ resource }) => resource.includes('nobody.declared'))).toEqual([]);
    expect(await readFirst(cluster, undeclared, `${kafka.topicPrefix}reader`)).toBe('precious');
    expect(await configsOf(undeclared)).toMatchObject({ 'retention.ms': '3600000' });
    expect(await registry.versions(`${undeclared}-value`)).toEqual([1]);
  });

  it('applies a safe config change, and an unsafe one only when it is allowed', async () => {
    await apply(provisioner());
    await admin.alterTopicConfigs([{ topic: orders, configs: { 'segment.bytes': '1048576' } }]);
    const longer = provisioner(catalogue({ config: { 'retention.ms': '30d', 'min.insync.replicas': 2 } }));
    expect(brief((await longer.plan()).changes)).toEqual([[orders, 'retention.ms', 'safe']]);
    expect((await apply(longer)).left).toEqual([]);
    const month = { 'retention.ms': '2592000000', 'segment.bytes': '1048576' };
    expect(await configsOf(orders)).toMatchObject(month);

    const shorter = provisioner(catalogue({ config: { 'retention.ms': '1h', 'min.insync.replicas': 2 } }));
    const cautious = await apply(shorter);
    expect(cautious.applied).toEqual([]);
    expect(brief(cautious.left)).toEqual([[orders, 'retention.ms', 'unsafe']]);
    expect(await configsOf(orders)).toMatchObject(month);
    expect(failures(await apply(shorter, anything))).toEqual([]);
    expect(await configsOf(orders)).toMatchObject({ 'retention.ms': '3600000', 'segment.bytes': '1048576' });
  });

  it('adds partitions when that is allowed, and never takes one away', async () => {
    await apply(provisioner());
    const more = provisioner(catalogue({ partitions: 5 }));
    expect(brief((await apply(more)).left)).toEqual([[orders, 'partitions', 'unsafe']]);
    expect(failures(await apply(more, anything))).toEqual([]);
    const partitions = async () =>
      (await standing()).topics.find(({ name }) => name === orders)?.partitions.length;
    await waitFor(async () => (await partitions()) === 5);

    const fewer = await apply(provisioner(catalogue({ partitions: 3 })), anything);
    expect(brief(fewer.left)).toEqual([[orders, 'partitions', 'unsupported']]);
    expect(fewer.left[0]?.refused).toContain('declare 5');
    expect(await partitions()).toBe(5);
  });

  it('does nothing at all when one schema is incompatible', async () => {
    await registry.setLevel(subject, 'FULL_TRANSITIVE');
    await registry.register(subject, JSON.stringify(orderSchema()));
    const before = await standing();
    const breaking = await apply(provisioner(catalogue({}, orderSchema(field('note')))), anything);
    expect(breaking.applied).toEqual([]);
    expect(breaking.blocked).toMatchObject([{ resource: subject, field: 'schema', class: 'unsupported' }]);
    expect(breaking.blocked[0]?.reason).toContain('not FULL_TRANSITIVE compatible with version 1');
    expect(await standing()).toEqual(before);
    expect(await registry.versions(subject)).toEqual([1]);
  });

  it('checks every version of a transitive level, not only the newest', async () => {
    await registry.register(subject, JSON.stringify(orderSchema(field('note'))));
    await registry.setLevel(subject, 'BACKWARD');
    await registry.register(subject, JSON.stringify(orderSchema(field('more', { default: '' }))));
    await registry.setLevel(subject, 'FULL_TRANSITIVE');
    const report = await apply(provisioner());
    expect(report.blocked[0]?.reason).toContain('not FULL_TRANSITIVE compatible with version 1');
    expect(report.applied).toEqual([]);
  });

  it('judges a schema by the level that is declared, also when the subject stands under a weaker one', async () => {
    await registry.register(subject, JSON.stringify(orderSchema()));
    const report = await apply(provisioner(catalogue({}, orderSchema(field('note')))), anything);
    expect(report.blocked).toMatchObject([{ resource: subject, class: 'unsupported' }]);
    expect(await registry.level(subject)).toBe('NONE');
    expect((await standing()).topics).toEqual([]);
  });
});

describe('the rights that follow from the catalogue', () => {
  it('refuse a client that has none of them, and are enough for those that are declared', async () => {
    const [writer, reader] = [uniqueName('writer'), uniqueName('reader')];
    const login = (username: string): KafkaSettings => ({
      ...kafka,
      username,
      password: `pw-of-${username}`,
    });
    const squad = 'infra-ops';
    const declared = (producers: object[], consumers: object[]) =>
      provisioner(catalogue({ producers, consumers }));
    await admin.upsertScramUsers([writer, reader].map((name) => ({ name, password: `pw-of-${name}` })));
    try {
      for (const name of [writer, reader]) {
        const client = createAdmin(login(name));
        await waitFor(() => client.describeTopics([orders]), { describe: `the login of ${name}` });
        await client.close();
      }
      await apply(declared([], []));
      const refusal = await failureOf(write(login(writer), registrySettings, orders, 'x'));
      expect(refusal).toMatchObject({ code: 'DELIVERY_REFUSED' });
      expect(refusal.message).toContain('TOPIC_AUTHORIZATION_FAILED');
      const group = `${kafka.topicPrefix}${reader}`;
      expect(await failureOf(readFirst(login(reader), orders, group))).toMatchObject({
        type: 'TOPIC_AUTHORIZATION_FAILED',
      });

      await apply(declared([{ service: writer, squad }], [{ service: reader, squad }]));
      await waitFor(() => write(login(writer), registrySettings, orders, 'granted').then(() => true));
      expect(await waitFor(() => readFirst(login(reader), orders, group))).toBe('granted');
      // A consumer buries what it cannot handle, reads in groups of its own name only, and writes no event.
      await write(login(reader), registrySettings, `${orders}.dlq`, 'poison');
      const foreign = failureOf(readFirst(login(reader), orders, `${kafka.topicPrefix}other`));
      // What kafkajs makes of GROUP_AUTHORIZATION_FAILED.
      expect(await foreign).toMatchObject({ name: 'KafkaJSGroupCoordinatorNotFound' });
      const written = await failureOf(write(login(reader), registrySettings, orders, 'x'));
      expect(written.message).toMatch(/authorized/i);
      expect(
        await failureOf(readFirst(login(writer), orders, `${kafka.topicPrefix}${writer}`)),
      ).toBeDefined();
    } finally {
      await admin.deleteScramUsers([writer, reader]);
    }
  });
});

describe('servers and settings that are wrong', () => {
  it('says which brokers do not answer', async () => {
    const away = provisioner(catalogue(), {
      kafka: { brokers: ['127.0.0.1:1', '127.0.0.1:2'], topicPrefix: '' },
    });
    const failure = await failureOf(apply(away));
    expect(failure.code).toBe('CLUSTER_UNREACHABLE');
    expect(failure.message).toMatch(/^no broker answered \(127\.0\.0\.1:\d: .*127\.0\.0\.1:\d: /);
  });

  it('says where the registry does not answer, and has created nothing', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const failure = await failureOf(apply(provisioner(catalogue(), { registry: { url } })));
    expect(failure.code).toBe('REGISTRY_UNAVAILABLE');
    expect(failure.message).toMatch(new RegExp(`at ${url}: .*ECONNREFUSED`));
    expect((await standing()).topics).toEqual([]);
  });

  it('names the environments that there are', () => {
    expect(() => provisioner(catalogue(), { environment: 'moon' })).toThrow(UnknownEnvironmentError);
    expect(() => provisioner(catalogue(), { environment: 'moon' })).toThrow(
      'there is no environment "moon"; schemas/environments has local',
    );
  });
});

it('gives a subject its level that stands without one, and takes NONE for a level', async () => {
  const invoices = `${kafka.topicPrefix}invoices.sent-value`;
  await registry.register(invoices, JSON.stringify(invoiceSchema));
  const loose = provisioner(catalogue({ schema: { file: 'orders.created.avsc', compatibility: 'NONE' } }));
  expect(failures(await apply(loose))).toEqual([]);
  expect([await registry.level(invoices), await registry.level(subject)]).toEqual(['BACKWARD', 'NONE']);
  expect((await loose.plan()).changes).toEqual([]);
});
