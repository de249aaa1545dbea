import { type Catalogue, overlaySchema, topicSpecSchema } from '@soma/contracts';
import { createAdmin, type KafkaSettings } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { connectPlatform, type Platform } from '@soma/platform';
import { createPostgres, migrate, type Postgres } from '@soma/postgres';
import { createTestDatabase, type TestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { platform, uniqueName, waitFor } from '@soma/testing';
import { Applier, createJournal, migrations, Provisioner, StalePlan } from '@soma/topic-provisioner';
import { type SingleNode, startSingleNode } from '../src/trial/single-node.js';

const { kafka, registry } = testConnection(platform());
const logger = createLogger({ service: 'provisioner-trial', level: 'silent' });
const squad = 'infra-ops';

let database: TestDatabase;
let postgres: Postgres;

beforeAll(async () => {
  database = await createTestDatabase(platform().postgresUrl);
  await migrate(database.url, migrations);
  postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
});
afterAll(async () => {
  await postgres.end();
  await database.drop();
});

const catalogue = (names: readonly string[], replicationFactor: number): Catalogue => ({
  topics: names.map((topic) => ({
    spec: topicSpecSchema.parse({
      topic,
      owner: squad,
      description: 'A trial.',
      partitions: 2,
      replicationFactor,
      classification: { level: 'internal' },
      producers: [{ service: 'trial', squad }],
    }),
  })),
  overlays: {
    local: overlaySchema.parse({ environment: 'local', description: 'Trials.', kafka: { tls: false } }),
  },
});

const provisioner = (settings: KafkaSettings, declared: Catalogue): Provisioner =>
  new Provisioner({ kafka: settings, registry, catalogue: declared, environment: 'local' });

const applier = (one: Provisioner): Applier =>
  new Applier(one, createJournal(postgres, { SOMA_POSTGRES_URL: database.url }));

describe('A cluster without an authorizer', () => {
  let open: SingleNode;
  beforeAll(async () => {
    open = await startSingleNode(platform().home);
  });
  afterAll(() => open.stop());

  it('gets its topics, and no rights; a plan for another cluster is refused by name', async () => {
    const settings = { brokers: open.brokers, topicPrefix: '' };
    const declared = catalogue(['trial.one', 'trial.two'], 1);
    const here = provisioner(settings, declared);
    const there = provisioner({ ...kafka, topicPrefix: '' }, declared);
    try {
      const plan = await waitFor(() => here.plan().catch(() => undefined), {
        timeoutMs: 60_000,
        describe: 'the open cluster',
      });
      expect(plan.clusterId).toBe(open.clusterId);
      expect(plan.changes.map(({ part, resource }) => [part, resource])).toEqual([
        ['topics', 'trial.one'],
        ['topics', 'trial.two'],
      ]);
      const refused: unknown = await applier(there)
        .apply({ request: {}, expected: plan, by: 'trial' })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StalePlan);
      expect((refused as StalePlan).message).toContain(
        `the plan is for cluster ${open.clusterId}, this is cluster`,
      );

      const { applied, left } = await applier(here).apply({ request: {}, expected: plan, by: 'trial' });
      expect([applied.map(({ outcome }) => outcome), left]).toEqual([[{ ok: true }, { ok: true }], []]);
      const verified = await here.verify();
      expect(verified.changes).toEqual([]);
      expect(verified.actual.acls).toBeUndefined();
    } finally {
      await Promise.all([here.close(), there.close()]);
    }
  });
});

describe('A broker that is away', () => {
  let local: Platform;
  const prefix = `${uniqueName('trial')}.`;
  const settings = { ...kafka, topicPrefix: prefix };

  beforeAll(async () => {
    const found = await connectPlatform(platform().home);
    if (!found) throw new Error('this trial stops a broker: it needs the local platform');
    local = found;
  });
  afterAll(async () => {
    const admin = createAdmin(kafka);
    const [topics, acls] = await Promise.all([admin.listTopics(), admin.listAcls()]);
    await admin.deleteTopics(topics.map(({ name }) => name).filter((name) => name.startsWith(prefix)));
    if (acls.enabled)
      await admin.deleteAcls(acls.acls.filter(({ resourceName }) => resourceName.startsWith(prefix)));
    await admin.close();
  });

  it('keeps an apply from nothing, and its replicas follow when it is back', async () => {
    const one = provisioner(settings, catalogue(['three', 'more'], 3));
    const two = provisioner(settings, catalogue(['two'], 2));
    try {
      try {
        await local.kill('kafka-3');
        await waitFor(async () => (await one.describe()).brokers.length === 2, {
          timeoutMs: 30_000,
          describe: 'the cluster to notice',
        });
        for (const each of [one, two]) {
          const { applied, left } = await applier(each).apply({ request: {}, by: 'trial' });
          expect(left).toEqual([]);
          expect(applied.filter(({ outcome }) => !outcome.ok)).toEqual([]);
          expect((await each.plan()).changes).toEqual([]);
        }
      } finally {
        await local.start('kafka-3');
      }
      await waitFor(
        async () => {
          const topics = (await one.admin.listTopics()).filter(({ name }) =>
            name.startsWith(`${prefix}three`),
          );
          return topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === 3));
        },
        { timeoutMs: 60_000, describe: 'all replicas in sync' },
      );
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  }, 180_000);

  it('is named when none answers, and nothing is recorded', async () => {
    const nobody = provisioner(
      { brokers: ['127.0.0.1:1', '127.0.0.1:2'], topicPrefix: prefix },
      catalogue(['one'], 1),
    );
    const failure: unknown = await applier(nobody)
      .apply({ request: {}, by: 'nobody' })
      .catch((error: unknown) => error);
    await nobody.close();
    expect((failure as Error).message).toMatch(/no broker answered \(127\.0\.0\.1:\d: .*127\.0\.0\.1:\d: /);
    const { rows } = await postgres.query(`SELECT id FROM plan WHERE created_by = 'nobody'`);
    expect(rows).toEqual([]);
  });
});
