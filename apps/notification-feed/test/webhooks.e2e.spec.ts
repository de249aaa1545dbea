import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import { Webhook } from 'standardwebhooks';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { type ReceivedMessage, type Receiver, startReceiver } from './webhook-receiver.js';

let site: FeedSite;
let service: SpawnedService;
let folder: string;
let settings: Record<string, string>;
let receiver: Receiver;
let receivers: Receiver[] = [];
let registered: string[] = [];

beforeAll(async () => {
  site = await createFeedSite();
  folder = await mkdtemp(join(tmpdir(), 'soma-webhooks-'));
  const keyFile = join(folder, 'webhook-key');
  await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  settings = {
    FEED_WEBHOOK_KEY_FILE: keyFile,
    FEED_WEBHOOK_ALLOWED_RANGES: '127.0.0.1/32',
    FEED_WEBHOOK_RETRIES: '50ms,100ms,200ms',
    FEED_WEBHOOK_TIMEOUT_MS: '2000',
    FEED_POLL_MS: '50',
  };
  service = await site.start(settings);
}, 90_000);

afterAll(async () => {
  await site.drop();
  await rm(folder, { recursive: true });
}, 60_000);

const newReceiver = async (host?: string): Promise<Receiver> => {
  const started = await startReceiver(host);
  receivers.push(started);
  return started;
};

beforeEach(async () => {
  receiver = await newReceiver();
});

afterEach(async () => {
  for (const id of registered) await call('DELETE', `/v1/webhooks/${id}`);
  registered = [];
  await Promise.all(receivers.map((one) => one.close()));
  receivers = [];
});

interface Body {
  readonly id: string;
  readonly state: string;
  readonly state_reason: string | null;
  readonly failing_since: string | null;
  readonly key: MadeKey;
  readonly keys: readonly {
    readonly id: string;
    readonly kind: string;
    readonly expires_at: string | null;
  }[];
  readonly webhooks: readonly { readonly id: string }[];
  readonly deliveries: readonly LoggedDelivery[];
}

interface MadeKey {
  readonly id: string;
  readonly secret: string;
  readonly public_key: string;
}

interface LoggedDelivery {
  readonly id: string;
  readonly webhook_id: string;
  readonly kind: string;
  readonly outcome: string;
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[];
}

const call = async (method: string, path: string, body?: unknown, token = site.token('operator')) => {
  const answer = await httpJson(`${service.url}${path}`, { method, body, token });
  return { ...answer, body: answer.body as Body };
};

const register = async (more: object = {}) => {
  const { status, body } = await call('POST', '/v1/webhooks', {
    squad: 'slm-execution',
    url: receiver.url,
    ...more,
  });
  expect(status).toBe(201);
  registered.push(body.id);
  return body;
};

const tell = async (title: string, more: object = {}): Promise<void> => {
  const { status } = await call('POST', '/v1/notifications', {
    squads: ['slm-execution'],
    kind: 'drill.finished',
    title,
    ...more,
  });
  expect(status).toBe(201);
};

const titleOf = ({ body }: ReceivedMessage): string =>
  (JSON.parse(body) as { data: { title: string } }).data.title;
const titles = (from: Receiver = receiver) => from.messages.map(titleOf);
const idOf = ({ headers }: ReceivedMessage): string => headers['webhook-id'] ?? '';
const received = (count: number, from: Receiver = receiver) =>
  waitFor(() => from.messages.length >= count, { describe: `${count} messages` });
const verifies = (secret: string, { body, headers }: ReceivedMessage): boolean => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};
const signatures = (message: ReceivedMessage | undefined): string[] =>
  (message?.headers['webhook-signature'] ?? '').split(' ');
const log = async (id: string) => (await call('GET', `/v1/webhooks/${id}/deliveries`)).body.deliveries;
const webhook = async (id: string) => (await call('GET', `/v1/webhooks/${id}`)).body;
const only = <T>([one]: readonly T[]): T => {
  if (one === undefined) throw new Error('there is none');
  return one;
};

it('sends what its squad is told from now on, signed, to the published library’s satisfaction', async () => {
  await tell('before');
  const { key } = await register();
  await tell('one', {
    severity: 'error',
    body: 'ünïcode 🎉',
    metadata: { a: 'b' },
    at: '2026-06-01T08:00:00Z',
  });
  await tell('of another squad', { squads: ['ui-experience'] });
  await tell('of all', { squads: ['*'] });
  await received(2);
  expect(new Set(titles())).toEqual(new Set(['one', 'of all']));
  for (const message of receiver.messages) expect(verifies(key.secret, message)).toBe(true);
  const message = only(receiver.messages.filter((each) => titleOf(each) === 'one'));
  expect(new Webhook(key.secret).verify(message.body, message.headers)).toMatchObject({
    type: 'drill.finished',
    timestamp: '2026-06-01T08:00:00.000Z',
    data: {
      severity: 'error',
      body: 'ünïcode 🎉',
      metadata: { a: 'b' },
      squads: ['slm-execution'],
      event: null,
    },
  });
  expect(verifies(key.secret, { ...message, body: message.body.replace('one', 'two') })).toBe(false);
  expect(verifies(key.secret, { ...message, headers: { ...message.headers, 'webhook-id': 'msg_x' } })).toBe(
    false,
  );
});

it('passes only what its filter passes', async () => {
  await register({ filter: { kinds: ['alert.*', 'x'], min_severity: 'warning' } });
  await tell('kind', { kind: 'drill.alert', severity: 'critical' });
  await tell('severity', { kind: 'alert.firing', severity: 'info' });
  await tell('yes', { kind: 'alert.firing', severity: 'error' });
  await tell('yes, exactly', { kind: 'x', severity: 'warning' });
  await received(2);
  expect(titles().toSorted()).toEqual(['yes', 'yes, exactly']);
});

it('signs with old and new keys while they are rotated, hmac and ed25519', async () => {
  const { id, key } = await register();
  const added = await call('POST', `/v1/webhooks/${id}/keys`, {});
  expect(added.status).toBe(201);
  const asymmetric = await call('POST', `/v1/webhooks/${id}/keys`, { kind: 'ed25519' });
  const { secret } = added.body as unknown as MadeKey;
  const { public_key: publicKey } = asymmetric.body as unknown as MadeKey;
  expect(asymmetric.body).not.toHaveProperty('secret');
  await tell('with three');
  await received(1);
  const message = only(receiver.messages);
  expect(signatures(message)).toHaveLength(3);
  for (const known of [key.secret, secret]) expect(verifies(known, message)).toBe(true);
  const signature = only(signatures(message).filter((one) => one.startsWith('v1a,'))).slice('v1a,'.length);
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const { 'webhook-id': messageId, 'webhook-timestamp': timestamp } = message.headers;
  const signed = (body: string) =>
    verify(
      null,
      Buffer.from(`${messageId}.${timestamp}.${body}`),
      createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
      Buffer.from(signature, 'base64'),
    );
  expect(signed(message.body)).toBe(true);
  expect(signed(`${message.body} `)).toBe(false);

  const { keys } = await webhook(id);
  expect(keys.find((each) => each.id === key.id)?.expires_at).not.toBeNull();
  expect(
    keys
      .filter(({ expires_at }) => expires_at === null)
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(['ed25519', 'hmac']);
  expect(JSON.stringify(keys)).not.toContain('whsec_');
  expect((await call('DELETE', `/v1/webhooks/${id}/keys/${key.id}`)).status).toBe(204);
  // Without an overlap the old one is over at once.
  await call('POST', `/v1/webhooks/${id}/keys`, { overlap_seconds: 0 });
  await tell('without the old ones');
  await received(2);
  const [, later] = receiver.messages;
  expect(signatures(later)).toHaveLength(2);
  for (const old of [key.secret, secret]) expect(later && verifies(old, later)).toBe(false);
});

it('keeps the last key, and secrets encrypted', async () => {
  const { id, key } = await register();
  expect((await call('DELETE', `/v1/webhooks/${id}/keys/${key.id}`)).status).toBe(409);
  expect((await call('DELETE', `/v1/webhooks/${id}/keys/${id}`)).status).toBe(404);
  const { rows } = await site.database.postgres.query<{ sealed: Buffer }>(
    'SELECT sealed FROM webhook_key WHERE id = $1',
    [key.id],
  );
  const secret = Buffer.from(key.secret.replace('whsec_', ''), 'base64');
  expect(secret).toHaveLength(32);
  expect(only(rows).sealed.includes(secret)).toBe(false);
  expect(service.logs()).not.toContain(key.secret);
});

it('tries again until the receiver takes it, with the same id', async () => {
  const { id, key } = await register();
  let refused = 0;
  receiver.answer(() => ({ status: (refused += 1) <= 2 ? 500 : 200 }));
  await tell('in the third attempt');
  await received(3);
  expect(new Set(receiver.messages.map(idOf)).size).toBe(1);
  for (const message of receiver.messages) expect(verifies(key.secret, message)).toBe(true);
  const delivered = await waitFor(async () => (await log(id)).find(({ outcome }) => outcome === 'delivered'));
  expect(delivered.attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
  expect(await webhook(id)).toMatchObject({ state: 'active', failing_since: null });
});

it('does not hold up others behind a message that fails', async () => {
  await register();
  receiver.answer((seen) => ({ status: titleOf(seen) === 'bad' ? 500 : 200 }));
  await tell('bad');
  for (const title of ['a', 'b', 'c']) await tell(title);
  await waitFor(() => ['a', 'b', 'c'].every((title) => titles().includes(title)));
});

it('waits as long as Retry-After says', async () => {
  const { id } = await register();
  receiver.answer({ status: 503, headers: { 'retry-after': '3600' } });
  await tell('later');
  const waiting = await waitFor(async () => (await log(id)).find(({ attempts }) => attempts.length === 1));
  const { next_attempt_at: next } = waiting as unknown as { next_attempt_at: string };
  expect(Date.parse(next) - Date.now()).toBeGreaterThan(3_500_000);
  // Whoever does not want to wait has it sent now.
  receiver.answer({ status: 200 });
  expect((await call('POST', `/v1/webhooks/${id}/deliveries/${waiting.id}/retry`)).status).toBe(202);
  await received(2);
});

it('takes a redirect for a failure and does not follow it', async () => {
  const { id } = await register();
  const inside = await newReceiver();
  receiver.answer({ status: 307, headers: { location: inside.url } });
  await tell('redirected');
  await waitFor(async () => (await webhook(id)).state === 'disabled');
  expect(inside.connections()).toBe(0);
  expect(only(await log(id)).attempts.map(({ error }) => error)).toEqual(Array(4).fill('answered 307'));
});

describe('a webhook that is disabled', () => {
  const told = (from: Receiver) =>
    from.messages.filter(({ body }) => body.includes('"type":"feed.webhook.disabled"'));

  it('at once by 410: the squad is told, by the feed and by its other webhooks', async () => {
    const other = await newReceiver();
    await register({ url: other.url });
    const { id } = await register();
    receiver.answer({ status: 410 });
    await tell('gone');
    await waitFor(() => told(other).length === 1);
    expect(await webhook(id)).toMatchObject({ state: 'disabled', state_reason: 'gone' });
    const { body } = only(told(other));
    expect(JSON.parse(body)).toMatchObject({
      data: {
        severity: 'error',
        squads: ['slm-execution'],
        metadata: { webhook: id, reason: 'gone' },
        title: expect.stringContaining(`127.0.0.1:${receiver.port}`) as string,
      },
    });
    expect(body).not.toContain('/hook');
    await tell('while it is away');
    await waitFor(() => titles(other).includes('while it is away'));
    expect(titles()).toEqual(['gone']);

    receiver.answer({ status: 200 });
    const enabled = await call('PATCH', `/v1/webhooks/${id}`, { enabled: true });
    expect(enabled.body).toMatchObject({ state: 'active', state_reason: null });
    await waitFor(() => titles().includes('while it is away'));
    expect(told(receiver)).toEqual([]);
  });

  it('when a message was refused to the end and nothing passed meanwhile, once', async () => {
    const { id } = await register();
    receiver.answer({ status: 500 });
    for (const title of ['a', 'b', 'c']) await tell(title);
    await waitFor(async () => (await webhook(id)).state_reason === 'failing');
    const page = await httpJson(`${service.url}/v1/notifications?squad=slm-execution&limit=100`, {
      token: site.token('operator'),
    });
    const { notifications } = page.body as {
      notifications: { kind: string; metadata: { webhook?: string } }[];
    };
    expect(notifications.filter(({ metadata }) => metadata.webhook === id)).toMatchObject([
      { kind: 'feed.webhook.disabled', metadata: { reason: 'failing' } },
    ]);
  });

  it('when it has failed for five days', async () => {
    const { id } = await register();
    await site.database.postgres.query(
      `UPDATE webhook SET failing_since = date_trunc('milliseconds', now() - interval '6 days') WHERE id = $1`,
      [id],
    );
    receiver.answer({ status: 500 });
    await tell('the last straw');
    await waitFor(async () => (await webhook(id)).state_reason === 'failing');
    // It waits, and is the first to be sent when somebody has mended the receiver.
    receiver.answer({ status: 200 });
    const sent = receiver.messages.length;
    await call('PATCH', `/v1/webhooks/${id}`, { enabled: true });
    await received(sent + 1);
    expect(receiver.messages.at(-1)).toMatchObject({ status: 200 });
  });

  it('by its owner; a test goes out all the same', async () => {
    const { id, key } = await register();
    const { body } = await call('PATCH', `/v1/webhooks/${id}`, { enabled: false });
    expect(body).toMatchObject({ state: 'disabled', state_reason: 'requested' });
    const test = await call('POST', `/v1/webhooks/${id}/test`);
    expect(test.body).toMatchObject({ kind: 'feed.webhook.test', outcome: 'delivered', position: null });
    expect(
      new Webhook(key.secret).verify(only(receiver.messages).body, only(receiver.messages).headers),
    ).toMatchObject({
      type: 'feed.webhook.test',
      data: { webhook: id },
    });
    receiver.answer({ status: 418 });
    const failed = await call('POST', `/v1/webhooks/${id}/test`);
    expect(failed).toMatchObject({
      status: 200,
      body: { outcome: 'failed', attempts: [{ status: 418, error: 'answered 418' }] },
    });
    const { deliveries } = (await call('GET', `/v1/webhooks/${id}/deliveries?limit=1`)).body;
    const [newest] = deliveries;
    expect(newest?.id).toBe((failed.body as unknown as LoggedDelivery).id);
    const older = await call('GET', `/v1/webhooks/${id}/deliveries?before=${newest?.id}`);
    expect(older.body.deliveries).toMatchObject([{ id: (test.body as unknown as LoggedDelivery).id }]);
    expect((await call('POST', `/v1/webhooks/${id}/deliveries/${newest?.id}/retry`)).status).toBe(409);
  });
});

it('replays what was stored since a time, with the ids of the first time, to a webhook that came later, too', async () => {
  await tell('long ago');
  const told = Date.now();
  // A later millisecond: a time in a request has no finer ones.
  await waitFor(() => Date.now() > told);
  const since = new Date().toISOString();
  await tell('earlier');
  const { id } = await register();
  await tell('now');
  await received(1);
  const first = idOf(only(receiver.messages));
  expect((await call('POST', `/v1/webhooks/${id}/replay`, { since })).status).toBe(202);
  await received(3);
  expect(titles().slice(1).toSorted()).toEqual(['earlier', 'now']);
  const again = only(receiver.messages.slice(1).filter((message) => titleOf(message) === 'now'));
  expect(idOf(again)).toBe(first);
  await waitFor(async () => (await log(id)).every(({ outcome }) => outcome === 'delivered'));
  expect(await log(id)).toHaveLength(2);
  expect((await call('POST', `/v1/webhooks/${id}/replay`, { since: 'yesterday' })).status).toBe(400);
});

it('belongs to its squad', async () => {
  const { id, key } = await register();
  const stranger = site.token('billing');
  const routes = [
    ['GET', ''],
    ['PATCH', '', { enabled: false }],
    ['DELETE', ''],
    ['POST', '/keys', {}],
    ['DELETE', `/keys/${key.id}`],
    ['POST', '/test'],
    ['POST', '/replay', { since: '2026-06-01T08:00:00Z' }],
    ['GET', '/deliveries'],
    ['POST', `/deliveries/${id}/retry`],
  ] as const;
  for (const [method, path, body] of routes) {
    const foreign = await call(method, `/v1/webhooks/${id}${path}`, body, stranger);
    expect([method, path, foreign.status]).toEqual([method, path, 404]);
    const unscoped = await call(method, `/v1/webhooks/${id}${path}`, body, site.token('other'));
    expect([method, path, unscoped.status]).toEqual([method, path, 403]);
  }
  expect((await call('GET', '/v1/webhooks?squad=slm-execution', undefined, stranger)).status).toBe(403);
  const spec = { squad: 'slm-execution', url: receiver.url };
  expect((await call('POST', '/v1/webhooks', spec, stranger)).status).toBe(403);
  expect((await call('GET', '/v1/webhooks?squad=slm-execution')).body.webhooks).toMatchObject([{ id }]);
  expect(await webhook(id)).toMatchObject({ state: 'active' });
  expect(receiver.connections()).toBe(0);
});

it('registers no URL that it would not ask, and does not change to one', async () => {
  const { id } = await register();
  const inside = await newReceiver('127.0.0.2');
  for (const url of [
    inside.url,
    `http://2130706434:${inside.port}/`,
    `http://[::ffff:127.0.0.2]:${inside.port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'https://10.0.0.1/',
    'https://[::1]/',
    'http://1.1.1.1/',
    'https://name.invalid/',
    ['https://user', 'pass@1.1.1.1/'].join(':'),
    'file:///etc/passwd',
    'nonsense',
  ]) {
    const refused = { status: 400, body: { errors: [{ path: 'url' }] } };
    expect(await call('POST', '/v1/webhooks', { squad: 'slm-execution', url })).toMatchObject(refused);
    expect(await call('PATCH', `/v1/webhooks/${id}`, { url })).toMatchObject(refused);
  }
  expect(inside.connections()).toBe(0);
  const changed = await call('PATCH', `/v1/webhooks/${id}`, {
    url: 'https://1.1.1.1/hook',
    description: 'x',
  });
  expect(changed.body).toMatchObject({ url: 'https://1.1.1.1/hook', description: 'x' });
});

it('has its outcomes counted', async () => {
  await register();
  await tell('counted');
  await received(1);
  const page = () => httpJson(`${service.url}/metrics`).then(({ body }) => body as string);
  await waitFor(async () => /feed_webhook_deliveries_total{outcome="delivered"[^}]*} \d/.test(await page()));
  expect(await page()).toMatch(/feed_webhook_duration_seconds_count/);
  expect(await page()).toMatch(/feed_webhook_pending{[^}]*} \d/);
});

it('says what is missing when the service has no key', async () => {
  const { FEED_WEBHOOK_KEY_FILE: _, ...without } = settings;
  const keyless = await site.start(without);
  const answer = await httpJson(`${keyless.url}/v1/webhooks`, {
    body: { squad: 'slm-execution', url: receiver.url },
    token: site.token('operator'),
  });
  expect(answer).toMatchObject({
    status: 503,
    body: { code: 'no-webhook-key', detail: expect.stringContaining('FEED_WEBHOOK_KEY_FILE') as string },
  });
  await keyless.stop();
}, 90_000);

it('delivers each message at least once while a replica is killed, and a receiver that dedupes has each once', async () => {
  const second = await site.start(settings);
  const { id } = await register();
  // Long enough that both hold claims when one of them dies.
  let answerAll: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (answerAll = resolve));
  receiver.answer({ status: 200, after: held });
  const expected = Array.from({ length: 60 }, (_, index) => `message ${index}`);
  await Promise.all(expected.map((title) => tell(title)));
  await received(8);
  second.kill('SIGKILL');
  await second.exited;
  receiver.answer({ status: 200 });
  answerAll();
  await waitFor(() => new Set(titles()).size === expected.length, { timeoutMs: 30_000 });
  await waitFor(
    async () => {
      const { rows } = await site.database.postgres.query<{ open: number }>(
        `SELECT count(*)::integer AS open FROM webhook_delivery WHERE webhook = $1 AND outcome <> 'delivered'`,
        [id],
      );
      return only(rows).open === 0;
    },
    { timeoutMs: 30_000 },
  );
  const byId = new Map(receiver.messages.map((message) => [idOf(message), titleOf(message)]));
  expect([...byId.values()].toSorted()).toEqual(expected.toSorted());
  // What the dead one had on its way came again.
  expect(receiver.messages.length).toBeGreaterThan(expected.length);
}, 120_000);
