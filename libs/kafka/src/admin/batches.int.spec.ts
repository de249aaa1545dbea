import { platform, uniqueName, waitFor } from '@soma/testing';
import { testConnection } from '../testing/index.js';
import { createAdmin } from './admin.js';
import type { Acl, Outcome } from './types.js';

const admin = createAdmin(testConnection(platform()).kafka, 'batches-spec');
const prefix = uniqueName('batches');
const name = (own: string) => `${prefix}.${own}`;
const many = (length: number) => Array.from({ length }, (_, index) => name(`none-${index}`));
const topic = (own: string, partitions = 1) => ({
  name: name(own),
  partitions,
  replicationFactor: 3,
  configs: {},
});

/** Requests that a call sends, by the protocol's name. */
const sent = async (call: () => Promise<unknown>): Promise<Record<string, number>> => {
  const before = admin.requests;
  await call();
  const counts = [...admin.requests].map(([api, count]) => [api, count - (before.get(api) ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

/** Collects what `onBatch` is told. */
const follow = <K>() => {
  const batches: [K, Outcome][][] = [];
  return { batches, onBatch: (done: ReadonlyMap<K, Outcome>) => void batches.push([...done]) };
};

afterAll(async () => {
  const mine = (await admin.listTopics()).map((one) => one.name).filter((one) => one.startsWith(prefix));
  await admin.deleteTopics(mine);
  await admin.close();
});

describe('requests for many resources', () => {
  it('describes topics with one request, and their configs with one per thousand', async () => {
    expect(await sent(() => admin.describeTopics(many(2500)))).toEqual({ Metadata: 1 });
    expect(await sent(() => admin.listTopics())).toEqual({ Metadata: 1 });
    expect(await sent(() => admin.describeTopicConfigs(many(2500), ['retention.ms']))).toEqual({
      DescribeConfigs: 3,
    });
  });

  it('shows only the configs that it is asked for', async () => {
    await admin.createTopics([topic('keys')]);
    const entries = await waitFor(async () => {
      const keys = ['retention.ms', 'cleanup.policy', 'no.such.config'];
      const found = (await admin.describeTopicConfigs([name('keys')], keys)).get(name('keys'));
      return found?.found ? found.value : undefined;
    });
    expect(entries.map((entry) => entry.name).sort()).toEqual(['cleanup.policy', 'retention.ms']);
  });

  it('gives a topic that no request can hold a request of its own, and tells of each', async () => {
    const { batches, onBatch } = follow<string>();
    let outcomes = new Map<string, Outcome>();
    const requests = await sent(async () => {
      outcomes = await admin.createTopics([topic('first'), topic('huge', 10_001), topic('last')], {
        onBatch,
      });
    });
    expect(requests).toEqual({ CreateTopics: 3 });
    expect(outcomes.get(name('first'))).toEqual({ ok: true });
    expect(outcomes.get(name('huge'))).toMatchObject({ ok: false });
    expect(outcomes.get(name('last'))).toEqual({ ok: true });
    expect(batches.map((batch) => batch.map(([one]) => one))).toEqual([
      [name('first')],
      [name('huge')],
      [name('last')],
    ]);
    expect(new Map(batches.flat())).toEqual(outcomes);
  });

  it('tells of the partitions, configs and deletions of each request', async () => {
    await admin.createTopics([topic('told')]);
    const [grown, altered, deleted] = [follow<string>(), follow<string>(), follow<string>()];
    const ok = [[[name('told'), { ok: true }]]];
    await waitFor(async () => (await admin.describeTopics([name('told')])).get(name('told'))?.found);
    await admin.createPartitions(new Map([[name('told'), 2]]), grown);
    expect(grown.batches).toEqual(ok);
    await admin.alterTopicConfigs([{ topic: name('told'), configs: { 'retention.ms': '1000' } }], altered);
    expect(altered.batches).toEqual(ok);
    await admin.deleteTopics([name('told')], deleted);
    expect(deleted.batches).toEqual(ok);
  });

  it('sends nothing more once a batch could not be recorded', async () => {
    const onBatch = () => Promise.reject(new Error('no database'));
    const requests = await sent(() =>
      expect(admin.deleteTopics(many(1500), { onBatch })).rejects.toThrow('no database'),
    );
    expect(requests).toEqual({ DeleteTopics: 1 });
  });

  it('creates and deletes ACLs a thousand at a time, in their order', async () => {
    const acl = (resourceName: string): Acl => ({
      resourceType: 'TOPIC',
      resourceName,
      patternType: 'LITERAL',
      principal: `User:${prefix}`,
      host: '*',
      operation: 'READ',
      permission: 'ALLOW',
    });
    const acls = many(1001).map(acl);
    const created = follow<Acl>();
    const deleted = follow<Acl>();
    expect(await sent(() => admin.createAcls(acls, created))).toEqual({ CreateAcls: 2 });
    expect(created.batches.map((batch) => batch.length)).toEqual([1000, 1]);
    expect(await sent(() => admin.deleteAcls(acls, deleted))).toEqual({ DeleteAcls: 2 });
    expect(deleted.batches.flat()).toEqual(acls.map((one) => [one, { ok: true }]));
  });

  it('lists ACLs on tokens, users and transactions as what they are', async () => {
    const of = (acl: Pick<Acl, 'resourceType' | 'operation'>): Acl => ({
      resourceName: prefix,
      patternType: 'LITERAL',
      principal: `User:${prefix}`,
      host: '*',
      permission: 'DENY',
      ...acl,
    });
    const acls = [
      of({ resourceType: 'DELEGATION_TOKEN', operation: 'DESCRIBE' }),
      of({ resourceType: 'TRANSACTIONAL_ID', operation: 'TWO_PHASE_COMMIT' }),
      of({ resourceType: 'USER', operation: 'CREATE_TOKENS' }),
      of({ resourceType: 'USER', operation: 'DESCRIBE_TOKENS' }),
    ];
    const strange = of({ resourceType: 'UNKNOWN_99', operation: 'READ' });
    const outcomes = await admin.createAcls([strange, ...acls]);
    expect(outcomes[0]).toMatchObject({ ok: false, error: 'INVALID_REQUEST' });
    expect(outcomes.slice(1)).toEqual(acls.map(() => ({ ok: true })));
    const listed = await waitFor(async () => {
      const all = await admin.listAcls();
      const own = all.enabled ? all.acls.filter(({ resourceName }) => resourceName === prefix) : [];
      return own.length === acls.length ? own : undefined;
    });
    expect(listed).toEqual(expect.arrayContaining(acls));
    expect(await admin.deleteAcls(acls)).toEqual(acls.map(() => ({ ok: true })));
  });
});
