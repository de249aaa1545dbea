import { once } from 'node:events';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import WebSocket from 'ws';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { entries, entry } from './notifications.js';

const squad = 'infra-ops';

let site: FeedSite;
let service: SpawnedService;
let sockets: WebSocket[] = [];

beforeAll(async () => {
  site = await createFeedSite();
  service = await site.start();
}, 90_000);

afterEach(() => {
  for (const socket of sockets) socket.terminate();
  sockets = [];
});

afterAll(() => site.drop(), 60_000);

interface Message {
  readonly type: string;
  readonly cursor: string;
  readonly notification: { readonly position: string; readonly title: string };
}

const connectTo = (query: string, options: { token?: string; protocols?: string[] } = {}) => {
  const { token = site.token('operator'), protocols = [] } = options;
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/ws?${query}`, protocols, {
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
  });
  sockets.push(socket);
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  socket.on('error', () => undefined);
  const told = () => messages.filter(({ type }) => type === 'notification');
  return { socket, messages, told, positions: () => told().map(({ notification }) => notification.position) };
};

const stored = async (after = '0'): Promise<string[]> =>
  (await site.database.store.after(squad, after, 10_000)).notifications.map(({ position }) => position);

let next = 0;
const post = async (count: number): Promise<void> => {
  const from = next;
  next += count;
  await site.database.store.append(entries(from, count));
};

const get = (path: string, headers: Record<string, string> = {}) =>
  httpJson(`${service.url}${path}`, { token: site.token('operator'), headers });

interface Page {
  readonly notifications: readonly { readonly position: string; readonly kind: string }[];
  readonly cursor: string;
  readonly older: string | null;
  readonly gap?: object;
}

const page = async (query: string) => (await get(`/v1/notifications?squad=${squad}&${query}`)).body as Page;

describe('the WebSocket', () => {
  it('replays and goes on live with the cursors of the other ways', async () => {
    await post(1_200);
    const reader = connectTo(`squad=${squad}&after=0`, { protocols: ['soma.feed.v1'] });
    await post(10);
    await waitFor(async () => reader.told().length === (await stored()).length);
    expect(reader.socket.protocol).toBe('soma.feed.v1');
    expect(reader.positions()).toEqual(await stored());
    const { cursor } = reader.told().at(-3) ?? { cursor: '' };
    expect((await page(`after=${cursor}`)).notifications).toHaveLength(2);
    const again = connectTo(`squad=${squad}&after=${cursor}`);
    await waitFor(() => again.told().length === 2);
    expect(again.positions()).toEqual(reader.positions().slice(-2));
  });

  it('goes on where a named consumer has acknowledged, and not where it was sent', async () => {
    const query = `squad=${squad}&consumer=console`;
    const first = connectTo(query);
    await once(first.socket, 'open');
    await post(20);
    await waitFor(() => first.told().length === 20);
    first.socket.send(JSON.stringify({ type: 'ack', cursor: first.told()[11]?.cursor }));
    await waitFor(async () => {
      const { rows } = await site.database.postgres.query<{ position: string }>(
        "SELECT position FROM consumer WHERE name = 'console'",
      );
      return rows[0]?.position === first.positions()[11];
    });
    first.socket.terminate();
    await post(5);
    const second = connectTo(query);
    await waitFor(() => second.told().length === 13);
    expect([...first.positions().slice(0, 12), ...second.positions()]).toEqual((await stored()).slice(-25));
    // Whoever never acknowledged begins where it first came, also if it left at once.
    const other = connectTo(`squad=${squad}&consumer=other`);
    await once(other.socket, 'open');
    other.socket.terminate();
    await post(3);
    const otherAgain = connectTo(`squad=${squad}&consumer=other`);
    await waitFor(() => otherAgain.told().length === 3);
  });

  it('sends a consumer that does not acknowledge no more than a window, and the rest when it does', async () => {
    const reader = connectTo(`squad=${squad}&after=0&consumer=slow`);
    await post(1_000);
    const all = await stored();
    expect(all.length).toBeGreaterThan(2_000);
    await waitFor(() => reader.told().length >= 1_000);
    expect(reader.told().length).toBeLessThan(1_100);
    const acknowledge = () =>
      reader.socket.send(JSON.stringify({ type: 'ack', cursor: reader.told().at(-1)?.cursor }));
    await waitFor(() => {
      acknowledge();
      return reader.told().length === all.length;
    });
    expect(reader.positions()).toEqual(all);
  });

  it('takes the token of a browser, which cannot set headers, and never says it back', async () => {
    const protocols = ['soma.feed.v1', `bearer.${site.token('operator')}`];
    const { socket } = connectTo(`squad=${squad}`, { token: '', protocols });
    await once(socket, 'open');
    expect(socket.protocol).toBe('soma.feed.v1');
  });

  it.each([
    ['no token', 'squad=infra-ops', '', 401, 'unauthorized'],
    ['another scope', 'squad=infra-ops', 'token-of-other', 403, 'insufficient-scope'],
    ['another squad', 'squad=infra-ops', 'token-of-billing', 403, 'squad-not-allowed'],
    ['wrong parameters', 'squad=x&after=y&consumer=!', 'token-of-operator', 400, 'invalid-request'],
  ])('refuses %s with a problem', async (_, query, token, status, code) => {
    const { socket } = connectTo(query, { token });
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      AsyncIterable<Buffer> & { statusCode: number; headers: Record<string, string> },
    ];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ status, code });
  });

  it('closes with a reason when somebody talks nonsense, and refuses what asks for no upgrade', async () => {
    for (const message of ['hello', '{"type":"ack"}', '{"type":"ack","cursor":"abcd1234.1"}']) {
      const { socket } = connectTo(`squad=${squad}`);
      await once(socket, 'open');
      socket.send(message);
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
      expect([code, reason.toString()]).toEqual([1008, expect.stringMatching(/ack|consumer/)]);
    }
    expect(await get(`/v1/ws?squad=${squad}`)).toMatchObject({
      status: 426,
      body: { code: 'upgrade-required' },
    });
  });
});

describe('pages', () => {
  it('lead on with their cursors, forwards into the stream and backwards to the beginning', async () => {
    await post(30);
    const all = await stored();
    const back: string[] = [];
    let older: string | null | undefined;
    do {
      const one = await page(`limit=500${older ? `&before=${older}` : ''}`);
      back.push(...one.notifications.map(({ position }) => position));
      ({ older } = one);
    } while (older !== null);
    expect(back).toEqual(all.toReversed());
    const newest = await page('limit=1');
    await post(2);
    expect((await page(`after=${newest.cursor}`)).notifications).toHaveLength(2);
  });

  it('hold only what fits', async () => {
    await site.database.store.append([
      entry(700_001, { kind: 'drill.finished', severity: 'critical' }, 'infra.notifications'),
      entry(700_002, { kind: 'drill.failed', severity: 'error' }),
    ]);
    const kinds = async (query: string) => (await page(query)).notifications.map(({ kind }) => kind);
    expect(await kinds('kind=drill.*')).toEqual(['drill.failed', 'drill.finished']);
    expect(await kinds('severity=critical')).toEqual(['drill.finished']);
    expect(await kinds('severity=critical,error&topic=infra.notifications')).toEqual(['drill.finished']);
    expect(await kinds(`kind=drill.*&since=${new Date(Date.now() + 3_600_000).toISOString()}`)).toEqual([]);
    expect((await kinds(`since=${new Date(Date.now() - 3_600_000).toISOString()}`)).length).toBe(50);
  });

  it('are not sent again to whoever has them', async () => {
    const path = `/v1/notifications?squad=${squad}&limit=5`;
    const first = await fetch(service.url + path, {
      headers: { authorization: `Bearer ${site.token('operator')}` },
    });
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]+"$/);
    const again = await get(path, { 'if-none-match': `"other", ${tag}` });
    expect(again.status).toBe(304);
    await post(1);
    expect((await get(path, { 'if-none-match': tag })).status).toBe(200);
  });

  it('say what is gone, and begin with the epoch for cursors of another one', async () => {
    const { epoch } = await site.database.store.state();
    const foreign = await page('after=zzzzzzzz.5&limit=1');
    expect(foreign.gap).toEqual({ from: 'zzzzzzzz.5', to: `${epoch}.0`, reason: 'epoch' });
    expect(foreign.notifications.map(({ position }) => position)).toEqual((await stored()).slice(0, 1));
    expect((await page(`before=zzzzzzzz.5&limit=1`)).gap).toMatchObject({ reason: 'epoch' });
    expect((await page('after=0&limit=1')).gap).toBeUndefined();
  });
});

it('answers HEAD of a stream with its headers alone, and the connection is good for more', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (method: string, path: string) => {
    const headers = { authorization: `Bearer ${site.token('operator')}` };
    const request = send(`${service.url}${path}`, { agent, method, headers });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode,
      type: response.headers['content-type'],
      body: Buffer.concat(chunks).toString(),
    };
  };
  const head = await ask('HEAD', `/v1/stream?squad=${squad}&after=0`);
  expect(head).toEqual({ status: 200, type: 'text/event-stream; charset=utf-8', body: '' });
  expect((await ask('GET', '/health/live')).status).toBe(200);
  agent.destroy();
});

it('begins another epoch when the operator says so, and nobody else', async () => {
  const begin = (token: string) => httpJson(`${service.url}/v1/epoch`, { method: 'POST', token });
  expect((await begin(site.token('billing'))).status).toBe(403);
  const reader = connectTo(`squad=${squad}&after=0`);
  await waitFor(() => reader.told().length > 0);
  const closed = once(reader.socket, 'close');
  const { status, body } = await begin(site.token('operator'));
  expect(status).toBe(201);
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, reason.toString()]).toEqual([1012, 'new-epoch']);
  const again = connectTo(`squad=${squad}&after=${reader.told()[0]?.cursor}`);
  await waitFor(() => again.messages.length > 0);
  expect(again.messages[0]).toMatchObject({
    type: 'gap',
    reason: 'epoch',
    to: (body as { cursor: string }).cursor,
  });
});
