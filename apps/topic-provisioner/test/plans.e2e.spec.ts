import { type SpawnedService, waitFor } from '@soma/testing';
import { planAnswer, plansAnswer, schemasAnswer, topicAnswer, topicsAnswer } from '../src/http/answers.js';
import { call, createSite, planAndApply, type Site } from './site.js';

let site: Site;
let service: SpawnedService;

beforeAll(async () => {
  // One look at the start, and none after it: these tests are about what people do.
  site = await createSite({ env: { PROVISIONER_INTERVAL_MS: '86400000' } });
  service = await site.start();
}, 90_000);

afterAll(() => site.drop(), 90_000);

const post = (path: string, as: Parameters<typeof call>[2] = {}) =>
  call(service, path, { method: 'POST', ...as });

describe('the way of a plan', () => {
  let id: string;

  it('begins as a draft that nobody has approved', async () => {
    const made = await post('/v1/plans', { as: 'planner', body: {} });
    expect(made.status).toBe(201);
    const plan = planAnswer.parse(made.body);
    ({ id } = plan);
    expect(made.headers.get('location')).toBe(`/v1/plans/${id}`);
    expect(plan).toMatchObject({ state: 'draft', created_by: 'planner', approved_by: null });
    expect(plan.changes.length).toBeGreaterThan(10);
    for (const change of plan.changes) expect(change).toMatchObject({ state: 'planned', attempts: 0 });
    expect(plan.items).toEqual({ planned: plan.changes.length });
    expect(JSON.stringify(made.body)).not.toContain('mutation');
    expect(await call(service, `/v1/plans/${id}`)).toMatchObject({ status: 200, body: made.body });
    const early = await post(`/v1/plans/${id}/apply`);
    expect(early).toMatchObject({ status: 409, body: { code: 'not-approved' } });
  });

  it('is approved by somebody else', async () => {
    const own = await post(`/v1/plans/${id}/approve`, { as: 'planner' });
    expect(own).toMatchObject({ status: 403, body: { code: 'own-plan' } });
    const approved = await post(`/v1/plans/${id}/approve`, { as: 'approver' });
    expect(approved).toMatchObject({ status: 200, body: { state: 'approved', approved_by: 'approver' } });
    const again = await post(`/v1/plans/${id}/approve`, { as: 'approver' });
    expect(again).toMatchObject({ status: 409, body: { code: 'not-a-draft' } });
  });

  it('is applied once, and its draft is the record of that', async () => {
    const applied = await post(`/v1/plans/${id}/apply`);
    expect(applied.status).toBe(200);
    const plan = planAnswer.parse(applied.body);
    expect(plan).toMatchObject({ id, state: 'ended', created_by: 'planner', applied_by: 'operator' });
    expect(plan.items).toEqual({ done: plan.changes.length });
    for (const change of plan.changes) expect(change).toMatchObject({ state: 'done', attempts: 1 });
    expect((await call(service, '/v1/plan')).body).toMatchObject({ changes: [] });
    expect(plansAnswer.parse((await call(service, '/v1/plans?limit=100')).body).plans).toHaveLength(1);
    const again = await post(`/v1/plans/${id}/apply`);
    expect(again).toMatchObject({ status: 409, body: { code: 'not-approved' } });
  });

  it('shows afterwards what stands', async () => {
    const name = site.topic('settings.changed');
    const topics = topicsAnswer.parse((await call(service, '/v1/topics')).body).topics;
    expect(topics.map((topic) => topic.name)).toEqual(
      ['infra.notifications', 'infra.notifications.dlq', 'settings.changed', 'settings.changed.dlq'].map(
        site.topic,
      ),
    );
    for (const topic of topics) expect(topic.drift).toEqual({});
    const topic = topicAnswer.parse((await call(service, `/v1/topics/${name}`)).body);
    expect(topic).toMatchObject({
      owner: 'identity-settings',
      declared: { partitions: 6, replicationFactor: 3 },
      actual: { partitions: 6, replicationFactor: 3, configs: { 'retention.ms': '2592000000' } },
      consumers: [],
      data: { messages: 0, newest_at: null },
    });
    const { schemas } = schemasAnswer.parse((await call(service, '/v1/schemas')).body);
    expect(schemas.find((schema) => schema.topic === name)).toMatchObject({
      owner: 'identity-settings',
      level: 'FULL_TRANSITIVE',
      versions: [1],
      registered: true,
      incompatible: [],
    });
  });
});

it('does not apply a plan whose cluster has moved, and says what moved', async () => {
  const topic = site.topic('settings.changed');
  const set = (value: string) =>
    site.admin.alterTopicConfigs([{ topic, configs: { 'retention.ms': value } }]);
  const seen = async (value: string) => {
    const { body } = await call(service, '/v1/plan');
    return JSON.stringify(body).includes(`"before":"${value}"`);
  };
  await set('60000');
  await waitFor(() => seen('60000'));
  const { id } = (await post('/v1/plans', { body: { only: ['topics'] } })).body as { id: string };
  await post(`/v1/plans/${id}/approve`);
  await set('90000');
  await waitFor(() => seen('90000'));
  const stale = await post(`/v1/plans/${id}/apply`);
  expect(stale).toMatchObject({ status: 409, body: { code: 'stale-plan' } });
  expect((stale.body as { moved: string[] }).moved).toEqual([
    expect.stringMatching(`${topic} retention.ms was 60000 → .*, is 90000 →`),
  ]);
  expect((await call(service, `/v1/plans/${id}`)).body).toMatchObject({ state: 'approved' });
  expect(await seen('90000')).toBe(true);
  const { applied } = await planAndApply(service);
  expect(await applied).toMatchObject({ status: 200, body: { items: { done: 1 } } });
});

it('ends a plan of which nothing may be applied', async () => {
  const topic = site.topic('settings.changed');
  await site.admin.createPartitions(new Map([[`${topic}.dlq`, 2]]));
  await waitFor(async () => JSON.stringify((await call(service, '/v1/plan')).body).includes('unsupported'));
  const { applied } = await planAndApply(service);
  expect(await applied).toMatchObject({ status: 200, body: { state: 'ended', items: { left: 1 } } });
});

it('deletes nothing over HTTP, and says where it is done', async () => {
  for (const word of ['deletions', 'delete', 'force']) {
    const { status, body } = await post('/v1/plans', { body: { [word]: ['orders'] } });
    expect({ status, body }).toMatchObject({ status: 422, body: { code: 'deletions-not-offered' } });
    expect((body as { detail: string }).detail).toContain('npx soma topics apply --delete');
  }
});

it('names everything that is wrong with a request', async () => {
  const wrong = await post('/v1/plans', { body: { only: ['moons'], allow: ['unsupported'], extra: 1 } });
  expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  const { errors } = wrong.body as { errors: { path: string }[] };
  expect(errors.map(({ path }) => path)).toEqual(['only.0', 'allow.0', '']);
  expect(await call(service, '/v1/plans?limit=0')).toMatchObject({ status: 400 });
  expect(await call(service, '/v1/plans/1')).toMatchObject({ status: 400 });
  const unknown = '/v1/plans/0191d7f2-3f3c-7b52-a41b-2f6f6e0c9d11';
  expect(await call(service, unknown)).toMatchObject({ status: 404, body: { code: 'unknown-plan' } });
  for (const act of ['approve', 'apply']) {
    expect(await post(`${unknown}/${act}`)).toMatchObject({ status: 404 });
  }
});

it('asks for the scope of each route', async () => {
  const id = '0191d7f2-3f3c-7b52-a41b-2f6f6e0c9d11';
  const needed = [
    ['GET', '/v1/plans', 'topics:read'],
    ['GET', `/v1/plans/${id}`, 'topics:read'],
    ['GET', '/v1/schemas', 'topics:read'],
    ['GET', '/v1/topics/x', 'topics:read'],
    ['POST', '/v1/plans', 'topics:plan'],
    ['POST', `/v1/plans/${id}/approve`, 'topics:approve'],
    ['POST', `/v1/plans/${id}/apply`, 'topics:apply'],
  ] as const;
  for (const [method, path, scope] of needed) {
    const refused = await call(service, path, { method, as: 'stranger' });
    expect(refused).toMatchObject({ status: 403, body: { missing_scopes: [scope] } });
  }
  for (const [method, path] of needed.filter(([, , scope]) => scope !== 'topics:read')) {
    expect(await call(service, path, { method, as: 'reader' })).toMatchObject({ status: 403 });
  }
});
