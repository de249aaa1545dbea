import { CloudEvent, HTTP, type Message } from 'cloudevents';
import { httpJson, type HttpJsonOptions, type SpawnedService, waitFor } from '@soma/testing';
import { openEventStream } from './event-stream.js';
import { createFeedSite, type FeedSite } from './feed-service.js';

const nightly = { squads: ['infra-ops'], kind: 'nightly.finished', title: 'Nightly passed' };

let site: FeedSite;
let service: SpawnedService;

beforeAll(async () => {
  site = await createFeedSite();
  service = await site.start();
}, 90_000);

afterAll(() => site.drop(), 60_000);

const post = (body: unknown, options: HttpJsonOptions = {}) =>
  httpJson(`${service.url}/v1/notifications`, { token: site.token('operator'), body, ...options });

const keyed = (key: string, body: unknown, token = site.token('operator')) =>
  post(body, { token, headers: { 'idempotency-key': key } });

interface Stored {
  readonly position: string;
  readonly title: string;
  readonly event: object | null;
}

const list = async (squad = 'infra-ops') => {
  const { body } = await httpJson(`${service.url}/v1/notifications?squad=${squad}&after=0&limit=500`, {
    token: site.token('operator'),
  });
  return (body as { notifications: Stored[] }).notifications;
};

const titled = async (title: string) => (await list()).filter((one) => one.title === title);

it('stores what is posted, in its order, and streams see it once', async () => {
  const stream = await openEventStream(`${service.url}/v1/stream?squad=infra-ops`, {
    token: site.token('operator'),
  });
  const batch = [1, 2, 3].map((n) => ({ ...nightly, title: `Run ${n}`, dedupe_key: `run/${n}` }));
  const first = await post(batch);
  expect(first.status).toBe(201);
  const { notifications } = first.body as { notifications: { position: string; new: boolean }[] };
  expect(notifications.map((one) => one.new)).toEqual([true, true, true]);
  const again = await post({ notifications: batch });
  expect(again).toMatchObject({
    status: 201,
    body: { notifications: notifications.map(({ position }) => ({ position, new: false })) },
  });
  await post({ ...nightly, title: 'the last one' });
  await waitFor(() => stream.messages.length >= 4);
  stream.close();
  const rows = await list();
  expect(stream.messages.map(({ data }) => data)).toEqual(rows.slice(-4));
  expect(rows.slice(-4, -1)).toEqual(
    notifications.map(
      ({ position }, index) =>
        expect.objectContaining({
          position,
          title: `Run ${index + 1}`,
          source: 'operator',
          severity: 'info',
          event: null,
          origin: expect.stringMatching(/^http:[0-9a-f]{64}$/) as string,
        }) as object,
    ),
  );
});

it('answers the same key with the same body as it did the first time, and refuses it with another', async () => {
  const body = { ...nightly, title: 'With a key' };
  const first = await keyed('key-1', body);
  expect(first.headers.has('idempotent-replayed')).toBe(false);
  const again = await keyed('"key-1"', body);
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const other = await keyed('key-1', { ...body, title: 'Something else' });
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  // Another caller's key is another key.
  const squads = ['identity-settings'];
  const theirs = await keyed('key-1', { ...body, squads }, site.token('billing'));
  expect(theirs).toMatchObject({ status: 201, body: { notifications: [{ new: true }] } });
  expect(await titled('With a key')).toHaveLength(1);
});

it('stores one row when the same request comes many times at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => keyed('key-at-once', { ...nightly, title: 'At once' })),
  );
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(await titled('At once')).toHaveLength(1);
  await Promise.all(
    Array.from({ length: 12 }, () => post({ ...nightly, title: 'By dedupe', dedupe_key: 'at once' })),
  );
  expect(await titled('By dedupe')).toHaveLength(1);
});

it('lets a caller address the squads of its token alone, and stores nothing otherwise', async () => {
  const token = site.token('billing');
  const foreign = [
    { ...nightly, squads: ['identity-settings'], title: 'Foreign' },
    { ...nightly, squads: ['identity-settings', 'infra-ops'], title: 'Foreign' },
    { ...nightly, squads: [], title: 'Foreign' },
  ];
  expect(await post(foreign, { token })).toMatchObject({
    status: 403,
    body: { code: 'squad-not-allowed', squads: ['infra-ops', '*'] },
  });
  expect(await list('identity-settings')).not.toContainEqual(expect.objectContaining({ title: 'Foreign' }));
  expect(await post(foreign, { token: site.token('other') })).toMatchObject({
    status: 403,
    body: { code: 'insufficient-scope', missing_scopes: ['feed:write'] },
  });
  expect((await httpJson(`${service.url}/v1/notifications`, { body: nightly })).status).toBe(401);
});

it('says what is wrong with a request, all of it', async () => {
  const wrong = await post([nightly, { squads: ['everybody'], kind: '', link: 'ftp://x' }]);
  expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  const { errors } = wrong.body as { errors: { path: string }[] };
  expect(errors.map(({ path }) => path)).toEqual(['1.squads.0', '1.kind', '1.title', '1.link']);
  const raw = (body: string, type = 'application/json') =>
    fetch(`${service.url}/v1/notifications`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${site.token('operator')}`, 'content-type': type },
    });
  expect((await raw('{"squads":')).status).toBe(400);
  expect((await raw('squads=infra-ops', 'application/x-www-form-urlencoded')).status).toBe(415);
  expect((await raw('<x/>', 'application/xml')).status).toBe(415);
  expect((await raw(JSON.stringify({ ...nightly, body: 'x'.repeat(1_100_000) }))).status).toBe(413);
});

it('keeps characters that PostgreSQL does not know from failing the request', async () => {
  expect((await post({ ...nightly, title: 'half \ud800 and NUL \0' })).status).toBe(201);
  expect(await titled('half \ufffd and NUL \ufffd')).toHaveLength(1);
});

it('takes CloudEvents in each content mode as one and the same event', async () => {
  const event = new CloudEvent({
    id: 'e-1',
    source: '/ci/nightly',
    type: 'nightly.finished',
    subject: 'By CloudEvent',
    somasquads: 'infra-ops',
    data: { severity: 'warning' },
  });
  const send = async ({ headers, body }: Message, type?: string) => {
    const response = await fetch(`${service.url}/v1/notifications`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        ...(headers as Record<string, string>),
        ...(type !== undefined && { 'content-type': type }),
        authorization: `Bearer ${site.token('operator')}`,
      },
    });
    expect(response.status).toBe(201);
    return ((await response.json()) as { notifications: { new: boolean }[] }).notifications;
  };
  const structured = HTTP.structured(event);
  expect(await send(HTTP.binary(event))).toMatchObject([{ new: true }]);
  expect(await send(structured)).toMatchObject([{ new: false }]);
  const batch = { ...structured, body: `[${structured.body as string}]` };
  expect(await send(batch, 'application/cloudevents-batch+json')).toMatchObject([{ new: false }]);
  expect(await titled('By CloudEvent')).toEqual([
    expect.objectContaining({ source: '/ci/nightly', kind: 'nightly.finished', severity: 'warning' }),
  ]);
});

it('has one row of each request, however often it is repeated around a SIGKILL', async () => {
  const requests = Array.from({ length: 60 }, (_, index) => ({
    key: `kill-${index}`,
    body: [1, 2].map((item) => ({ ...nightly, title: 'Killed', metadata: { item: `${index}/${item}` } })),
  }));
  const answered = new Map<string, string>();
  const sendAll = (onAnswer: () => void) =>
    Promise.all(
      requests.map(async ({ key, body }) => {
        const answer = await keyed(key, body).catch(() => undefined);
        if (answer?.status !== 201) return;
        const text = JSON.stringify(answer.body);
        expect(answered.get(key) ?? text).toBe(text);
        answered.set(key, text);
        onAnswer();
      }),
    );
  await sendAll(() => answered.size === 5 && service.kill('SIGKILL'));
  await service.exited;
  expect(answered.size).toBeLessThan(requests.length);
  service = await site.start();
  await sendAll(() => undefined);
  expect(answered.size).toBe(requests.length);
  const { rows } = await site.database.postgres.query<{ item: string }>(
    "SELECT metadata->>'item' AS item FROM notification_log WHERE title = 'Killed'",
  );
  expect(rows.map(({ item }) => item).toSorted()).toEqual(
    requests.flatMap((_, index) => [`${index}/1`, `${index}/2`]).toSorted(),
  );
}, 120_000);
