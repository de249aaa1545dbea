import { platform, uniqueName, waitFor } from '@soma/testing';
import { testConnection } from '../testing/index.js';
import { createAdmin } from './admin.js';
import { Brokers } from './brokers.js';
import { describeCluster } from './cluster.js';
import { createTopics } from './topics.js';
import type { Outcome } from './types.js';

const { kafka } = testConnection(platform());
const admin = createAdmin(kafka, 'quotas-spec');
const user = uniqueName('quotas');
const password = 'a password of a test';

const quotaOf = async (wanted: string | null) =>
  (await admin.describeQuotas()).find((quota) => quota.user === wanted)?.values;

afterAll(async () => {
  await admin.alterQuotas([
    { user, values: { producer_byte_rate: null, request_percentage: null, controller_mutation_rate: null } },
  ]);
  await admin.deleteScramUsers([user]);
  const mine = (await admin.listTopics()).map(({ name }) => name).filter((name) => name.startsWith(user));
  await admin.deleteTopics(mine);
  await admin.close();
});

describe('client quotas', () => {
  it('sets, changes, shows and removes values of a user, and leaves the others alone', async () => {
    const values = { producer_byte_rate: 1_048_576, request_percentage: 12.5 };
    const told: (string | null)[] = [];
    const onBatch = (done: ReadonlyMap<string | null, Outcome>) => void told.push(...done.keys());
    const outcomes = await admin.alterQuotas([{ user, values }], { onBatch });
    expect(outcomes.get(user)).toEqual({ ok: true });
    expect(told).toEqual([user]);
    const seen = await waitFor(async () =>
      (await quotaOf(user))?.['request_percentage'] ? quotaOf(user) : undefined,
    );
    expect(seen).toEqual(values);
    await admin.alterQuotas([{ user, values: { request_percentage: null } }]);
    await waitFor(async () => Object.keys((await quotaOf(user)) ?? {}).length === 1);
    expect(await quotaOf(user)).toEqual({ producer_byte_rate: 1_048_576 });
  });

  it('sets the default of all users', async () => {
    // So much that nobody on the shared cluster feels it.
    const values = { producer_byte_rate: 1e15 };
    const before = await quotaOf(null);
    expect((await admin.alterQuotas([{ user: null, values }])).get(null)).toEqual({ ok: true });
    await waitFor(async () => (await quotaOf(null))?.['producer_byte_rate'] === 1e15);
    await admin.alterQuotas([
      { user: null, values: { producer_byte_rate: before?.['producer_byte_rate'] ?? null } },
    ]);
    await waitFor(
      async () => (await quotaOf(null))?.['producer_byte_rate'] === before?.['producer_byte_rate'],
    );
  });

  it('says which change was refused and why', async () => {
    const outcomes = await admin.alterQuotas([
      { user: `${user}-wrong`, values: { no_such_quota: 1 } },
      { user, values: { producer_byte_rate: 2_097_152 } },
    ]);
    expect(outcomes.get(`${user}-wrong`)).toMatchObject({ ok: false, error: 'INVALID_REQUEST' });
    expect(outcomes.get(user)).toEqual({ ok: true });
  });
});

describe('a controller mutation quota', () => {
  const principal = `User:${user}`;
  const acls = (['CREATE', 'DELETE', 'ALTER', 'DESCRIBE'] as const).map((operation) => ({
    resourceType: 'TOPIC' as const,
    resourceName: user,
    patternType: 'PREFIXED' as const,
    principal,
    host: '*',
    permission: 'ALLOW' as const,
    operation,
  }));
  const limited = new Brokers({ ...kafka, username: user, password }, 'quotas-spec-limited');
  const topics = (...names: string[]) =>
    names.map((name) => ({ name: `${user}.${name}`, partitions: 6, replicationFactor: 1, configs: {} }));

  beforeAll(async () => {
    await admin.upsertScramUsers([{ name: user, password }]);
    // Without DESCRIBE_CONFIGS the answer of CreateTopics has tagged fields, which have to be read as well.
    await admin.createAcls(acls);
    await admin.alterQuotas([{ user, values: { controller_mutation_rate: 2 } }]);
    await waitFor(async () => (await quotaOf(user))?.['controller_mutation_rate'] === 2);
    // Users and rights reach one broker after the other.
    await waitFor(() => describeCluster(limited));
    await waitFor(async () => {
      const [outcome] = (await createTopics(limited, topics('allowed'))).values();
      return outcome?.ok === true || outcome?.error === 'TOPIC_ALREADY_EXISTS';
    });
  });

  afterAll(async () => {
    await limited.close();
    await admin.deleteAcls(acls);
  });

  it('is waited out: every topic is there in the end, and each batch was told', async () => {
    const wanted = topics('0', '1', '2', '3', '4', '5', '6', '7');
    const told: [string, Outcome][] = [];
    let batches = 0;
    const onBatch = (done: ReadonlyMap<string, Outcome>) => {
      batches += 1;
      told.push(...done);
    };
    const outcomes = await createTopics(limited, wanted, { onBatch });
    expect(outcomes).toEqual(new Map(wanted.map(({ name }) => [name, { ok: true }])));
    expect(batches).toBeGreaterThan(1);
    expect(told).toHaveLength(wanted.length);
    expect(new Map(told)).toEqual(outcomes);
  });

  it('is the outcome when it lasts beyond the deadline', async () => {
    const wanted = topics('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const outcomes = [...(await createTopics(limited, wanted, {}, 0)).values()];
    expect(outcomes).toHaveLength(wanted.length);
    expect(outcomes).toContainEqual(
      expect.objectContaining({ ok: false, error: 'THROTTLING_QUOTA_EXCEEDED' }),
    );
  });
});
