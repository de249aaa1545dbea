import { fileURLToPath } from 'node:url';
import { deadLetterTopic } from '@soma/contracts';
import {
  type Acl,
  type AclOperation,
  type ClusterAdmin,
  createAdmin,
  EventProducer,
  EventSerde,
  SchemaRegistry,
} from '@soma/kafka';
import { createTestTopics, testConnection, type TestTopics } from '@soma/kafka/testing';
import { createLogger } from '@soma/telemetry';
import { httpJson, NoPlatform, platform, type SpawnedService, spawnService, waitFor } from '@soma/testing';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const consumed = ['settings.changed', 'billing.events'] as const;
const count = 30;
const at = Date.UTC(2026, 5, 1);

/** The rights that the catalogue gives this service, on the topics of this test. */
const ownAcls = (prefix: string): Acl[] => {
  const allow = (resourceType: Acl['resourceType'], name: string, ...operations: AclOperation[]): Acl[] =>
    operations.map((operation) => ({
      resourceType,
      resourceName: prefix + name,
      patternType: 'LITERAL',
      principal: 'User:squad-service',
      host: '*',
      operation,
      permission: 'ALLOW',
    }));
  return [
    ...consumed.flatMap((topic) => allow('TOPIC', topic, 'READ', 'DESCRIBE')),
    ...consumed.flatMap((topic) => allow('TOPIC', deadLetterTopic(topic), 'WRITE', 'DESCRIBE')),
    ...allow('GROUP', 'squad-service', 'READ', 'DESCRIBE'),
  ];
};

/** The service's own account; undefined where the platform has none and the administrator's has to do. */
const ownAccount = (): Readonly<Record<string, string>> | undefined => {
  try {
    return platform().principal('squad-service');
  } catch (error) {
    if (error instanceof NoPlatform) return undefined;
    throw error;
  }
};

let topics: TestTopics;
let admin: ClusterAdmin;
let acls: Acl[] = [];
let producer: EventProducer;
let service: SpawnedService;

beforeAll(async () => {
  const { env } = platform();
  const { kafka, registry } = testConnection(platform());
  topics = await createTestTopics({
    kafka,
    registry,
    topics: consumed,
  });
  const { settings } = topics;
  admin = createAdmin(settings, 'squad-service-spec');
  const account = ownAccount();
  if (account) {
    acls = ownAcls(settings.topicPrefix);
    expect(await admin.createAcls(acls)).toEqual(acls.map(() => ({ ok: true })));
  }
  producer = new EventProducer(settings, {
    service: 'settings-api',
    serde: new EventSerde(new SchemaRegistry(registry), settings.topicPrefix),
    logger: createLogger({ service: 'squad-service-spec', level: 'silent' }),
  });
  service = await spawnService(main, { ...(account ?? env), SOMA_TOPIC_PREFIX: settings.topicPrefix });
}, 90_000);

afterAll(async () => {
  await service?.stop();
  await producer?.close();
  await admin?.deleteAcls(acls);
  await admin?.close();
  await topics?.drop();
}, 60_000);

/** What the service has logged under a message. */
const logged = (message: string): Record<string, unknown>[] =>
  service
    .logs()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === message);

it('is told of settings and charges, in order per tenant, with no rights but its own', async () => {
  const ready = async () => (await httpJson(`${service.url}/health/ready`)).status === 200;
  await waitFor(ready, { timeoutMs: 60_000, describe: 'the service to be ready' });
  const versions = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all([
    ...versions.map((version) =>
      producer.send('settings.changed', { tenant: `tenant-${version % 3}`, version, hash: 'c41d', at }),
    ),
    ...versions.map((cost) =>
      producer.send('billing.events', {
        event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
        tenant_id: 'acme',
        service: 'slm-gateway',
        cost,
        currency: 'EUR',
        at,
      }),
    ),
  ]);
  const heard = await waitFor(() => logged('settings changed').length >= count && logged('settings changed'));
  for (const tenant of ['tenant-0', 'tenant-1', 'tenant-2']) {
    const own = heard.filter((line) => line['tenant'] === tenant).map((line) => line['version']);
    expect(own).toEqual(versions.filter((version) => `tenant-${version % 3}` === tenant));
  }
  const billed = await waitFor(() => logged('billed').length >= count && logged('billed'));
  expect(billed.map((line) => line['micros'])).toEqual(versions);
  expect(billed[0]).toMatchObject({ tenant: 'acme', currency: 'EUR' });
  expect(await service.stop()).toEqual({ code: 0, signal: null });
  expect(service.logs()).not.toContain('authorized');
}, 120_000);
