import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import WebSocket from 'ws';
import { openEventStream } from './event-stream.js';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { type Receiver, startReceiver } from './webhook-receiver.js';

const squad = 'identity-settings';
/** The event happened this long before it was produced: less than what a loaded machine needs for the test. */
const agoMs = 600_000;

let site: FeedSite;
let service: SpawnedService;
let folder: string;
let receiver: Receiver;

beforeAll(async () => {
  site = await createFeedSite();
  folder = await mkdtemp(join(tmpdir(), 'soma-metrics-'));
  const keyFile = join(folder, 'webhook-key');
  await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  await writeFile(
    join(site.rules, `${squad}.yaml`),
    `squad: ${squad}
rules:
  - { name: denied, on: policy.decisions, when: 'event.decision == "deny"', kind: policy.denied, severity: info, title: t, body: '' }
`,
  );
  receiver = await startReceiver();
  service = await site.start({
    FEED_WEBHOOK_KEY_FILE: keyFile,
    FEED_WEBHOOK_ALLOWED_RANGES: '127.0.0.1/32',
    FEED_WEBHOOK_RETRIES: '50ms',
    FEED_POLL_MS: '100',
  });
}, 120_000);

afterAll(async () => {
  await site.drop();
  await receiver.close();
  await rm(folder, { recursive: true });
}, 60_000);

const token = () => site.token('operator');

/** The value of a sample with these labels, whatever others it has; undefined if there is none. */
const metric = async (name: string, labels: Readonly<Record<string, string>> = {}) => {
  const page = (await httpJson(`${service.url}/metrics`)).body as string;
  const sample = page
    .split('\n')
    .find(
      (line) =>
        line.startsWith(`${name}{`) &&
        Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)),
    );
  return sample === undefined ? undefined : Number(sample.slice(sample.lastIndexOf(' ') + 1));
};

/** The mean of a histogram that has exactly so many samples. */
const mean = async (name: string, labels: Readonly<Record<string, string>>, count = 1): Promise<number> => {
  await waitFor(async () => ((await metric(`${name}_count`, labels)) ?? 0) >= count, {
    describe: `${count} of ${name} ${JSON.stringify(labels)}`,
  });
  expect(await metric(`${name}_count`, labels)).toBe(count);
  return ((await metric(`${name}_sum`, labels)) ?? NaN) / count;
};

it('shows each metric of the feed after one event of each kind, with values that can be', async () => {
  const stream = await openEventStream(`${service.url}/v1/stream?squad=${squad}&after=zzzzzzzz.1`, {
    token: token(),
  });
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/ws?squad=${squad}`, {
    headers: { authorization: `Bearer ${token()}` },
  });
  await once(socket, 'open');
  let messages = 0;
  socket.on('message', () => (messages += 1));
  expect(
    (await httpJson(`${service.url}/v1/webhooks`, { token: token(), body: { squad, url: receiver.url } }))
      .status,
  ).toBe(201);
  await waitFor(async () => (await metric('feed_subscribers', { squad, transport: 'websocket' })) === 1);
  expect(await metric('feed_subscribers', { squad, transport: 'sse' })).toBe(1);
  await waitFor(async () => (await metric('feed_gaps_total', { reason: 'epoch' })) === 1);

  let refused = 0;
  receiver.answer(() => ({ status: (refused += 1) <= 1 ? 500 : 204 }));
  const begin = Date.now();
  await site.producer.send('billing.events', {
    event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
    tenant_id: 'acme',
    service: 'slm-gateway',
    cost: 1,
    currency: 'EUR',
    at: begin - agoMs,
  });
  await waitFor(() => stream.messages.length >= 2 && messages >= 1 && receiver.messages.length >= 2);
  const passed = (): number => (Date.now() - begin) / 1_000;

  expect(await mean('feed_ingest_seconds', { topic: 'billing.events' })).toBeLessThanOrEqual(passed());
  expect(await mean('feed_delivery_seconds', { since: 'stored' })).toBeLessThanOrEqual(passed());
  const sinceHappened = await mean('feed_delivery_seconds', { since: 'happened' });
  expect(sinceHappened).toBeGreaterThanOrEqual(agoMs / 1_000);
  expect(sinceHappened).toBeLessThanOrEqual(agoMs / 1_000 + passed());

  expect(await mean('feed_webhook_delivery_seconds', { since: 'happened' })).toBeGreaterThanOrEqual(
    agoMs / 1_000,
  );
  expect(await mean('feed_webhook_delivery_seconds', { since: 'stored' })).toBeLessThanOrEqual(passed());
  expect(await metric('feed_webhook_deliveries_total', { outcome: 'pending' })).toBe(1);
  expect(await metric('feed_webhook_deliveries_total', { outcome: 'delivered' })).toBe(1);
  expect(await mean('feed_webhook_duration_seconds', {}, 2)).toBeLessThanOrEqual(passed());
  // Counted from time to time, perhaps while it was waiting.
  await waitFor(async () => (await metric('feed_webhook_pending')) === 0, { timeoutMs: 30_000 });

  stream.close();
  socket.close();
  await waitFor(async () => (await metric('feed_subscribers', { squad, transport: 'sse' })) === 0);
  await waitFor(async () => (await metric('feed_subscribers', { squad, transport: 'websocket' })) === 0);
}, 60_000);

it('counts what only rules read as taken in when they have decided', async () => {
  const begin = Date.now();
  await site.producer.send('policy.decisions', {
    session_id: '7b0c4f1e-52d8-4a3b-9e61-0f8d2c7a5b94',
    tenant: 'acme',
    user: 'u-1001',
    role: 'member',
    decision: 'deny',
    score: 0.99,
    severity: 'critical',
    reasons: [],
    constitution_hash: '9f2c',
    at: begin,
  });
  const lag = await mean('feed_ingest_seconds', { topic: 'policy.decisions' });
  expect(lag).toBeLessThanOrEqual((Date.now() - begin) / 1_000);
  const rule = `${squad}/denied`;
  expect(await metric('feed_rule_evaluations_total', { rule, outcome: 'sent' })).toBe(1);
  expect(await metric('feed_rules')).toBe(1);
  expect(await metric('feed_rule_files_broken')).toBe(0);
}, 60_000);
