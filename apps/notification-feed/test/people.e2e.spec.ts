import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { httpJson, type HttpJsonOptions, type SpawnedService, waitFor } from '@soma/testing';
import { createFeedSite, type FeedSite } from './feed-service.js';

let site: FeedSite;
let replicas: [SpawnedService, SpawnedService];

beforeAll(async () => {
  site = await createFeedSite();
  replicas = await Promise.all([site.start(), site.start()]);
}, 120_000);

afterAll(() => site.drop(), 60_000);

type Who = Parameters<FeedSite['token']>[0];

const call = (path: string, options: HttpJsonOptions & { readonly as?: Who; readonly at?: 0 | 1 } = {}) => {
  const { as = 'operator', at = 0, ...rest } = options;
  return httpJson(`${replicas[at].url}/v1/${path}`, { token: site.token(as), ...rest });
};

const post = async (...notifications: readonly object[]): Promise<string[]> => {
  const body = notifications.map((one) => ({ kind: 'drill.finished', title: 'Drill', ...one }));
  const answer = await call('notifications', { body });
  expect(answer.status).toBe(201);
  return (answer.body as { notifications: { position: string }[] }).notifications.map(
    ({ position }) => position,
  );
};

interface Item {
  readonly position: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const inbox = async (squad: string, query = '', as: Who = 'operator') => {
  const { status, body } = await call(`inbox?squad=${squad}${query}`, { as, at: 1 });
  expect(status).toBe(200);
  return (body as { notifications: Item[] }).notifications;
};
const positions = async (...of: Parameters<typeof inbox>) =>
  (await inbox(...of)).map(({ position }) => position);

it('shows each person their own view, the same at every replica', async () => {
  const squad = 'ui-experience';
  const [first = '', second = '', third = ''] = await post(
    { squads: [squad], severity: 'critical' },
    { squads: [squad], kind: 'nightly.finished' },
    { squads: [squad], dedupe_key: `third-${squad}` },
  );
  const put = (path: string, body: object) => call(`${path}?squad=${squad}`, { method: 'PUT', body });
  expect(await put('read', { up_to: first })).toMatchObject({ status: 200, body: { up_to: first } });
  expect(await put('read', { positions: [third] })).toMatchObject({ body: { up_to: first } });
  expect(await positions(squad, '&unread=true')).toEqual([second]);
  expect(await call(`unread?squad=${squad}`, { at: 1 })).toMatchObject({
    body: { up_to: first, unread: { info: 1, warning: 0, error: 0, critical: 0 } },
  });
  expect(await put('read', { positions: [first, '1'.repeat(18)] })).toMatchObject({
    status: 404,
    body: { code: 'notification-not-found', positions: ['1'.repeat(18)] },
  });

  const until = new Date(Date.now() + 3_600_000).toISOString();
  expect(await put(`notifications/${second}/snooze`, { until })).toMatchObject({
    status: 200,
    body: { position: second, until },
  });
  const muted = await call(`mutes?squad=${squad}`, { body: { kind: 'drill.*', source: 'operator' } });
  expect(muted.status).toBe(201);
  expect(await positions(squad)).toEqual([]);
  expect(await inbox(squad, '&all=true')).toMatchObject([
    { position: third, muted: true, read: true, snoozed_until: null },
    { position: second, muted: false, read: false, snoozed_until: until },
    { position: first, muted: true, read: true },
  ]);
  expect(await positions(squad, `&all=true&limit=1&before=${third}`)).toEqual([second]);

  const { id } = muted.body as { id: string };
  expect((await call(`mutes?squad=${squad}`, { at: 1 })).body).toMatchObject({
    mutes: [{ id, until: null }],
  });
  expect((await call(`mutes/${id}?squad=${squad}`, { method: 'DELETE' })).status).toBe(204);
  expect((await call(`mutes/${id}?squad=${squad}`, { method: 'DELETE' })).status).toBe(404);
  const snooze = `notifications/${second}/snooze?squad=${squad}`;
  expect((await call(snooze, { method: 'DELETE' })).status).toBe(204);
  expect(await positions(squad)).toEqual([third, second, first]);
});

it('takes the cursors of its own epoch, and no position of another', async () => {
  const [position = ''] = await post({ squads: ['slm-execution'] });
  const { epoch } = await site.database.store.state();
  const read = (of: string) =>
    call('read?squad=slm-execution', { method: 'PUT', body: { up_to: `${of}.${position}` } });
  expect(await read(epoch)).toMatchObject({ status: 200, body: { up_to: position } });
  expect(await read('00000000')).toMatchObject({ status: 409, body: { code: 'cursor-of-another-epoch' } });
  expect(await positions('slm-execution', `&before=${epoch}.${position}`)).toEqual([]);
  expect((await call(`inbox?squad=slm-execution&before=00000000.${position}`)).status).toBe(409);
});

it('tells two people who acknowledge at once the same, and keeps what was done', async () => {
  const [position = ''] = await post({ squads: ['identity-settings', 'infra-ops'] });
  const path = `notifications/${position}/ack?squad=identity-settings`;
  const answers = await Promise.all(
    (['operator', 'billing', 'operator', 'billing'] as const).map((as, index) =>
      call(path, { method: 'PUT', as, at: index < 2 ? 0 : 1, body: { note: `${as} looks` } }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  const { by } = answers[0]?.body as { by: string };
  expect(await call(path, { method: 'PUT' })).toMatchObject({
    status: 200,
    body: { position, by, note: `${by} looks` },
  });
  const assignee = `notifications/${position}/assignee?squad=identity-settings`;
  expect(await call(assignee, { method: 'PUT', as: 'billing', body: { assignee: 'ann' } })).toMatchObject({
    body: { position, assignee: 'ann', by: 'billing' },
  });
  expect(await inbox('identity-settings')).toMatchObject([{ acked: { by }, assignee: 'ann' }]);
  // Another squad that has it, too.
  expect((await inbox('infra-ops')).find((one) => one.position === position)).toMatchObject({
    acked: null,
    assignee: null,
  });
  expect((await call(assignee, { method: 'DELETE' })).status).toBe(204);
  expect((await call(path, { method: 'DELETE' })).status).toBe(204);
  expect((await call(`notifications/${position}/history?squad=identity-settings`)).body).toMatchObject({
    history: [
      { act: 'acknowledged', by, detail: `${by} looks` },
      { act: 'assigned', by: 'billing', detail: 'ann' },
      { act: 'unassigned', by: 'operator', detail: 'ann' },
      { act: 'withdrawn', by: 'operator' },
    ],
  });
});

it('keeps everybody to the squads and scopes of their token, and each squad to what it has', async () => {
  const [position = ''] = await post({ squads: ['slm-execution'] });
  const routes = (squad: string): [string, HttpJsonOptions][] => [
    [`inbox?squad=${squad}`, {}],
    [`unread?squad=${squad}`, {}],
    [`read?squad=${squad}`, { method: 'PUT', body: { positions: [position] } }],
    [`mutes?squad=${squad}`, {}],
    [`mutes?squad=${squad}`, { body: { kind: 'x' } }],
    [`mutes/${'0'.repeat(32)}?squad=${squad}`, { method: 'DELETE' }],
    [`digest?squad=${squad}&from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z`, {}],
    [`notifications/${position}/ack?squad=${squad}`, { method: 'PUT' }],
    [`notifications/${position}/ack?squad=${squad}`, { method: 'DELETE' }],
    [`notifications/${position}/assignee?squad=${squad}`, { method: 'PUT', body: { assignee: 'x' } }],
    [`notifications/${position}/assignee?squad=${squad}`, { method: 'DELETE' }],
    [
      `notifications/${position}/snooze?squad=${squad}`,
      { method: 'PUT', body: { until: '2030-01-01T00:00:00Z' } },
    ],
    [`notifications/${position}/snooze?squad=${squad}`, { method: 'DELETE' }],
    [`notifications/${position}/history?squad=${squad}`, {}],
  ];
  for (const [path, options] of routes('slm-execution')) {
    expect([path, await call(path, { ...options, as: 'billing' })]).toMatchObject([
      path,
      { status: 403, body: { code: 'squad-not-allowed' } },
    ]);
    expect(await call(path, { ...options, as: 'other' })).toMatchObject({
      status: 403,
      body: { code: 'insufficient-scope' },
    });
  }
  for (const [path, options] of routes('identity-settings').filter(([name]) =>
    /notifications|^read/.test(name),
  ))
    expect([path, await call(path, { ...options, as: 'billing' })]).toMatchObject([
      path,
      { status: 404, body: { code: 'notification-not-found' } },
    ]);
  expect((await inbox('slm-execution'))[0]).toMatchObject({ position, read: false, acked: null });
});

it('says what is wrong with a request', async () => {
  const wrong: [string, HttpJsonOptions, string[]][] = [
    ['inbox?squad=x&limit=0&unread=1', {}, ['squad', 'unread', 'limit']],
    ['read?squad=infra-ops', { method: 'PUT', body: { up_to: '-1' } }, ['up_to']],
    ['read?squad=infra-ops', { method: 'PUT', body: { positions: [] } }, ['positions']],
    ['mutes?squad=infra-ops', { body: {} }, ['']],
    [
      'mutes?squad=infra-ops',
      { body: { kind: '*', source: '', dedupe_key: '\0' } },
      ['kind', 'source', 'dedupe_key'],
    ],
    ['notifications/x/ack?squad=infra-ops', { method: 'PUT' }, ['position']],
    ['notifications/1/ack?squad=infra-ops', { method: 'PUT', body: { note: '\0' } }, ['note']],
    ['notifications/1/assignee?squad=infra-ops', { method: 'PUT', body: { assignee: 'a\nb' } }, ['assignee']],
    ['notifications/1/snooze?squad=infra-ops', { method: 'PUT', body: { until: 'later' } }, ['until']],
    ['digest?squad=infra-ops&from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z', {}, ['to']],
    ['digest?squad=infra-ops&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z', {}, ['to']],
  ];
  for (const [path, options, paths] of wrong) {
    const { status, body } = await call(path, options);
    expect([path, status]).toEqual([path, 400]);
    const { errors } = body as { errors: { path: string }[] };
    expect([path, ...new Set(errors.map((error) => error.path))]).toEqual([path, ...paths]);
  }
});

it('escalates what nobody acknowledges, and tells a digest: once, with two replicas and after a restart', async () => {
  const squad = 'memory-constitution';
  const critical = { squads: [squad], severity: 'critical', kind: 'rotation.failed' };
  const before = new Date(Date.now() - 1_000).toISOString();
  const [waits = '', handled = ''] = await post(
    { ...critical, title: 'Waits' },
    { ...critical, title: 'Seen' },
  );
  await call(`notifications/${handled}/ack?squad=${squad}`, { method: 'PUT' });
  const escalation = { after: '1s', to: ['policy-orchestration'], kinds: ['rotation.*'] };
  // A time of today or of yesterday that has just gone by, and a day that has rows: both replicas find it missed.
  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  await site.database.postgres.query(
    `UPDATE notification_log SET stored_at = stored_at - interval '2 minutes' WHERE position = ANY($1)`,
    [[waits, handled]],
  );
  const digest = { at: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`, timeZone: 'UTC' };
  await writeFile(
    join(site.rules, `${squad}.yaml`),
    JSON.stringify({ squad, rules: [], escalation, digest }),
  );

  const told = async (kind: string) => (await inbox(squad, '&limit=500')).filter((one) => one.kind === kind);
  await waitFor(async () => (await told('feed.escalated')).length > 0);
  await waitFor(async () => (await told('feed.digest')).length > 0);
  const restarted = replicas[0];
  restarted.kill('SIGKILL');
  await restarted.exited;
  replicas = [await site.start(), replicas[1]];
  // Another critical is told of, so both replicas have looked again.
  const [later = ''] = await post({ ...critical, title: 'Later' });
  await waitFor(async () => (await told('feed.escalated')).length > 1);
  expect((await told('feed.escalated')).map(({ metadata }) => metadata['position'])).toEqual([later, waits]);
  expect(await told('feed.digest')).toMatchObject([
    {
      severity: 'info',
      title: `Digest of ${squad}: 2 notifications, 1 critical not acknowledged`,
      body: expect.stringContaining(`**Waits** (rotation.failed, `) as string,
    },
  ]);
  expect(
    (await inbox('policy-orchestration', '&limit=500')).map(({ metadata }) => metadata['position']),
  ).toEqual([later, waits]);

  const to = new Date(Date.now() + 1_000).toISOString();
  const asked = await call(`digest?squad=${squad}&from=${before}&to=${to}`);
  expect(asked).toMatchObject({
    status: 200,
    body: { severities: { critical: 3 }, kinds: [{ kind: 'feed.escalated', count: 2 }, { count: 1 }] },
  });
}, 120_000);
