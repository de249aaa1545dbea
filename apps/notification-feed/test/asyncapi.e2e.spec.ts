import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import { Ajv, type SchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import WebSocket from 'ws';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { type Receiver, startReceiver } from './webhook-receiver.js';

const squad = 'infra-ops';

interface Message {
  readonly headers?: SchemaObject;
  readonly payload?: SchemaObject;
}

interface Document {
  readonly channels: Readonly<
    Record<
      string,
      {
        readonly messages: Readonly<Record<string, Message>>;
        readonly 'x-close-codes'?: readonly { readonly code: number; readonly reason?: string }[];
      }
    >
  >;
}

let site: FeedSite;
let service: SpawnedService;
let folder: string;
let receiver: Receiver;
let document: Document;

const ajv = new Ajv({ allErrors: true });
addFormats.default(ajv);

/** Which of a channel's messages this is; all that keeps it from being one of them if it is none. */
const named = (channel: string, { headers, payload }: { headers?: unknown; payload?: unknown }): string => {
  const fits = (schema: SchemaObject | undefined, value: unknown): string =>
    ajv.validate(schema ?? { not: {} }, value) ? '' : ajv.errorsText();
  const errors = Object.entries(document.channels[channel]?.messages ?? {}).map(([name, message]) => {
    const inHeaders = headers === undefined ? '' : fits(message.headers, headers);
    const inPayload = payload === undefined && !message.payload ? '' : fits(message.payload, payload);
    return { name, found: `${inHeaders}${inPayload}` };
  });
  return errors.find(({ found }) => found === '')?.name ?? JSON.stringify(errors);
};

const authorization = () => ({ authorization: `Bearer ${site.token('operator')}` });

/** The blocks of an event stream until they are of all these kinds, as AsyncAPI sees them. */
const blocksUntil = async (query: string, kinds: readonly string[]): Promise<string[]> => {
  const abort = new AbortController();
  const { body } = await fetch(`${service.url}/v1/stream?squad=${squad}&${query}`, {
    headers: authorization(),
    signal: abort.signal,
  });
  if (!body) throw new Error('no stream');
  const found: string[] = [];
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = `${text}${chunk}`.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n').filter((line) => !/^(:|retry:)/.test(line));
      const fields = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const { data, ...headers } = fields;
      if (lines.length === 0) continue;
      found.push(
        named('stream', { headers, ...(data !== undefined && { payload: JSON.parse(data) as unknown }) }),
      );
    }
    if (kinds.every((kind) => found.includes(kind))) break;
  }
  abort.abort();
  return found;
};

const post = async (title: string): Promise<void> => {
  const { status } = await httpJson(`${service.url}/v1/notifications`, {
    token: site.token('operator'),
    body: {
      squads: [squad],
      kind: 'drill.finished',
      title,
      link: 'https://example.com/',
      metadata: { a: 'b' },
    },
  });
  expect(status).toBe(201);
};

beforeAll(async () => {
  site = await createFeedSite();
  folder = await mkdtemp(join(tmpdir(), 'soma-asyncapi-'));
  const keyFile = join(folder, 'webhook-key');
  await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  receiver = await startReceiver();
  service = await site.start({
    FEED_WEBHOOK_KEY_FILE: keyFile,
    FEED_WEBHOOK_ALLOWED_RANGES: '127.0.0.1/32',
    FEED_HEARTBEAT_MS: '1000',
    FEED_POLL_MS: '100',
  });
  // Nobody needs a token to read what may come.
  document = (await httpJson(`${service.url}/v1/asyncapi.json`)).body as Document;
  await site.producer.send('settings.changed', {
    tenant: 'acme',
    version: 1,
    hash: 'c4',
    at: Date.UTC(2026, 5, 1),
  });
  await post('posted');
  await waitFor(async () => (await site.database.store.after(squad, '0', 10)).notifications.length === 2);
  // As if the retention of errors had passed over what there is.
  await site.database.postgres.query(
    `UPDATE feed_floor SET position = head FROM feed WHERE severity = 'error'`,
  );
}, 120_000);

afterAll(async () => {
  await site.drop();
  await receiver.close();
  await rm(folder, { recursive: true });
}, 60_000);

it('describes every block of the event stream', async () => {
  expect(await blocksUntil('since=2020-01-01T00:00:00Z', ['notification', 'cursor'])).toEqual(
    expect.arrayContaining(['gap', 'notification', 'notification', 'cursor']),
  );
  for (const after of ['zzzzzzzz.1', '9007199254740991']) {
    const found = await blocksUntil(`after=${after}`, ['gap']);
    expect(found[0]).toBe('gap');
  }
}, 60_000);

it('describes every message of the WebSocket, what clients send, and how it is closed', async () => {
  const socket = new WebSocket(
    `${service.url.replace('http', 'ws')}/v1/ws?squad=${squad}&after=zzzzzzzz.1&consumer=spec`,
    { headers: authorization() },
  );
  const found: string[] = [];
  socket.on('message', (data: Buffer) =>
    found.push(named('webSocket', { payload: JSON.parse(data.toString()) as unknown })),
  );
  await waitFor(() => ['gap', 'notification', 'cursor'].every((kind) => found.includes(kind)));
  expect(new Set(found)).toEqual(new Set(['gap', 'notification', 'cursor']));
  const { state } = await site.database.store.after(squad, '0', 1);
  const ack = { type: 'ack', cursor: `${state.epoch}.${state.head}` };
  expect(named('webSocket', { payload: ack })).toBe('ack');
  socket.send(JSON.stringify(ack));
  await waitFor(async () => {
    const { rows } = await site.database.postgres.query(`SELECT 1 FROM consumer WHERE position = $1`, [
      `${state.head}`,
    ]);
    return rows.length === 1;
  });
  socket.send('something else');
  const [code] = (await once(socket, 'close')) as [number];
  const known = document.channels['webSocket']?.['x-close-codes'] ?? [];
  expect(known.map((one) => one.code)).toContain(code);
}, 60_000);

it('describes the messages of webhooks and their headers', async () => {
  const call = async (path: string, body: unknown) =>
    (await httpJson(`${service.url}/v1/webhooks${path}`, { token: site.token('operator'), body })).body as {
      readonly id: string;
    };
  const { id } = await call('', { squad, url: receiver.url });
  await call(`/${id}/test`, {});
  await call(`/${id}/keys`, { kind: 'ed25519' });
  await post('sent');
  await site.producer.send('settings.changed', {
    tenant: 'acme',
    version: 2,
    hash: 'c4',
    at: Date.UTC(2026, 5, 1),
  });
  await waitFor(() => receiver.messages.length >= 3);
  const found = receiver.messages.map(({ headers, body }) =>
    named('webhook', {
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('webhook-'))),
      payload: JSON.parse(body) as unknown,
    }),
  );
  expect(found).toEqual(['test', 'notification', 'notification']);
}, 60_000);

it('would find a message that is not described', () => {
  expect(named('webSocket', { payload: { type: 'cursor', cursor: '17' } })).toContain('must match pattern');
  expect(named('webhook', { payload: { type: 'drill.finished' } })).toContain('required property');
});

it('says how the service ends it when it stops', async () => {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/ws?squad=${squad}`, {
    headers: authorization(),
  });
  await once(socket, 'open');
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  await service.stop();
  const [code, reason] = await closed;
  expect(document.channels['webSocket']?.['x-close-codes']).toContainEqual(
    expect.objectContaining({ code, reason: reason.toString() }),
  );
}, 60_000);
