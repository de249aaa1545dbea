import { once } from 'node:events';
import { connect } from 'node:net';
import { EventConsumer, type ReceivedEvent } from '@soma/kafka';
import { createRedis } from '@soma/redis';
import { httpJson, platform, type SpawnedService, waitFor } from '@soma/testing';
import { createRedisWakeUp } from '../src/adapters/redis-wake-up.js';
import { fromSettingsChanged } from '../src/core/notification.js';
import { ingest } from '../src/ingest.js';
import { type EventStream, openEventStream } from './event-stream.js';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { entries } from './notifications.js';
import { logger } from './test-store.js';

const at = Date.UTC(2026, 5, 1);
const settingsChanged = (version: number, tenant = 'acme') => ({ tenant, version, hash: 'c41d', at });

let site: FeedSite;

beforeAll(async () => {
  site = await createFeedSite();
}, 60_000);

afterAll(() => site.drop(), 60_000);

interface Page {
  readonly notifications: readonly {
    readonly position: string;
    readonly kind: string;
    readonly event: object;
  }[];
}

describe('a feed that runs', () => {
  let service: SpawnedService;
  let streams: EventStream[] = [];

  beforeAll(async () => {
    service = await site.start();
  }, 90_000);

  afterEach(() => {
    for (const stream of streams) stream.close();
    streams = [];
  });

  const get = (path: string, token: string | undefined = site.token('operator')) =>
    httpJson(`${service.url}${path}`, { token });

  const list = async (query: string) =>
    ((await get(`/v1/notifications?${query}`)).body as Page).notifications;

  const stream = async (query: string, lastEventId?: string): Promise<EventStream> => {
    const opened = await openEventStream(`${service.url}/v1/stream?${query}`, {
      token: site.token('operator'),
      lastEventId,
    });
    streams.push(opened);
    return opened;
  };

  it('makes one row of each event, and gives it out by page and by stream', async () => {
    const live = await stream('squad=identity-settings');
    const { producer } = site;
    const billing = {
      event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
      tenant_id: 'acme',
      service: 'slm-gateway',
      cost: 12_500,
      currency: 'EUR',
      at,
    };
    const drill = {
      squads: ['infra-ops'],
      source: 'chaos-coordinator',
      kind: 'drill.finished',
      severity: 'info' as const,
      title: 'Drill passed',
      dedupe_key: 'drill/1',
      at,
    };
    const delivered = await Promise.all([
      ...[1, 2, 3, 4, 5].map((version) => producer.send('settings.changed', settingsChanged(version))),
      ...[1, 2, 3].map(() => producer.send('billing.events', billing)),
      producer.send('infra.notifications', drill),
      producer.send('infra.notifications', { ...drill, squads: [], title: 'For all' }),
    ]);
    const forBilling = await waitFor(async () => {
      const page = await list('squad=identity-settings&after=0');
      return page.length >= 9 && page;
    });
    expect(forBilling.map(({ kind }) => kind).toSorted()).toEqual([
      'billing.event', 'billing.event', 'billing.event',
      'drill.finished',
      ...Array<string>(5).fill('settings.changed'),
    ]); // prettier-ignore
    const forInfra = await waitFor(async () => {
      const page = await list('squad=infra-ops&after=0');
      return page.length >= 7 && page;
    });
    const places = (rows: readonly { event: object }[]) => rows.map(({ event }) => JSON.stringify(event));
    expect(new Set([...places(forBilling), ...places(forInfra)])).toEqual(
      new Set(
        delivered.map(({ topic, partition, offset }) =>
          JSON.stringify({ topic, partition, offset: `${offset}` }),
        ),
      ),
    );
    expect(forBilling).toContainEqual(
      expect.objectContaining({
        title: 'acme was billed 0.0125 EUR for slm-gateway',
        source: 'settings-api',
        happened_at: '2026-06-01T00:00:00.000Z',
      }),
    );

    await waitFor(() => live.messages.length >= 9);
    expect(live.messages.map(({ data }) => data)).toEqual(forBilling);
    expect(live.messages.map(({ id }) => id?.split('.')[1])).toEqual(
      forBilling.map(({ position }) => position),
    );
    expect(new Set(live.messages.map(({ event }) => event))).toEqual(new Set(['notification']));
    expect(await list('squad=identity-settings&limit=3')).toEqual(forBilling.toReversed().slice(0, 3));
  }, 60_000);

  it('goes on behind Last-Event-ID, without a hole and without a double', async () => {
    const first = await stream('squad=identity-settings&after=0');
    await waitFor(() => first.messages.length >= 4);
    const seen = first.messages.slice(0, 4);
    first.close();
    await site.producer.send('settings.changed', settingsChanged(6));
    // A browser sends the URL of old, with its `after`, and what it has really seen in the header.
    const second = await stream('squad=identity-settings&after=0', seen.at(-1)?.id);
    const all = await waitFor(async () => {
      const page = await list('squad=identity-settings&after=0');
      return page.length >= 10 && page;
    });
    await waitFor(() => seen.length + second.messages.length >= all.length);
    expect([...seen, ...second.messages].map(({ data }) => data.position)).toEqual(
      all.map(({ position }) => position),
    );
  }, 60_000);

  it('shows a squad its own feed alone', async () => {
    const token = site.token('billing');
    expect((await get('/v1/notifications?squad=identity-settings', token)).status).toBe(200);
    for (const path of ['/v1/notifications?squad=infra-ops', '/v1/stream?squad=infra-ops']) {
      const answer = await get(path, token);
      expect(answer).toMatchObject({ status: 403, body: { code: 'squad-not-allowed' } });
      expect(JSON.stringify(answer.body)).not.toContain('drill');
    }
  });

  it('answers nothing without a token, and nothing without the scope', async () => {
    for (const path of ['/v1/notifications?squad=infra-ops', '/v1/stream?squad=infra-ops']) {
      expect((await httpJson(service.url + path)).status).toBe(401);
      expect((await get(path, 'token-of-nobody')).status).toBe(401);
      expect(await get(path, site.token('other'))).toMatchObject({
        status: 403,
        body: { code: 'insufficient-scope' },
      });
    }
  });

  it('names every error of a request at once', async () => {
    const list = await get('/v1/notifications?squad=everybody&after=x&before=1&limit=0&page=2');
    expect(list).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    const paths = ({ body }: { body: unknown }) =>
      (body as { errors: { path: string }[] }).errors.map(({ path }) => path).toSorted();
    expect(paths(list)).toEqual(['', 'after', 'before', 'limit', 'squad']);
    expect(paths(await get('/v1/stream?since=-1&after=x'))).toEqual(['after', 'since', 'squad']);
    const cursor = await httpJson(`${service.url}/v1/stream?squad=infra-ops`, {
      token: site.token('operator'),
      headers: { 'last-event-id': 'the last one' },
    });
    expect(cursor.status).toBe(400);
    expect(paths(cursor)).toEqual(['last-event-id']);
  });

  it('makes no second row of an event that is delivered again', async () => {
    const before = await list('squad=identity-settings&after=0');
    const redelivered: ReceivedEvent[] = [];
    let stored = 0;
    const redis = createRedis({ SOMA_REDIS_URL: platform().redisUrl }, { logger, name: 'notification-feed' });
    const store = ingest(site.database.store, await createRedisWakeUp(redis, logger));
    const consumer = new EventConsumer(site.settings, {
      service: 'notification-feed',
      group: 'notification-feed-again',
      serde: site.serde,
      producer: site.producer,
      logger,
      handlers: new Map([
        [
          'settings.changed',
          {
            kind: 'batch',
            maxEvents: 100,
            handle: async (events: readonly ReceivedEvent[]) => {
              stored += await store(
                events as readonly ReceivedEvent<'settings.changed'>[],
                fromSettingsChanged,
              );
              redelivered.push(...events);
            },
          },
        ],
      ]),
    });
    consumer.start();
    try {
      await waitFor(() => redelivered.length >= 6, { timeoutMs: 30_000 });
    } finally {
      await consumer.stop();
      await redis.quit();
    }
    expect(stored).toBe(0);
    expect(await list('squad=identity-settings&after=0')).toEqual(before);
  }, 60_000);

  it('ends its streams at SIGTERM, also that of a client that does not read, and exits with 0', async () => {
    const reading = await stream('squad=infra-ops');
    // More than the socket's buffers hold, so that the server still has bytes for this client.
    const large = { squads: ['ui-experience'], body: 'x'.repeat(200_000) };
    for (let batch = 0; batch < 4; batch += 1)
      await site.database.store.append(entries(1_000_000 + batch * 25, 25, large));
    const { hostname, port } = new URL(service.url);
    const stalled = connect(Number(port), hostname);
    await once(stalled, 'connect');
    stalled.on('error', () => undefined);
    stalled.write(
      `GET /v1/stream?squad=ui-experience&after=0 HTTP/1.1\r\nhost: feed\r\nauthorization: Bearer ${site.token('operator')}\r\n\r\n`,
    );
    await once(stalled, 'readable');
    const gauge = async () => (await httpJson(`${service.url}/metrics`)).body as string;
    await waitFor(async () => /feed_subscribers\{[^}]*squad="ui-experience"[^}]*\} 1/.test(await gauge()));
    const exit = await service.stop();
    expect(exit).toEqual({ code: 0, signal: null });
    expect(await reading.ended).toBe(true);
    stalled.destroy();
  }, 60_000);
});

it('has exactly one row of each of 2,000 events, killed with SIGKILL in between', async () => {
  const { postgres } = site.database;
  const rows = async (): Promise<number> => {
    const counted = await postgres.query<{ count: string }>(
      "SELECT count(*) FROM notification_log WHERE metadata->>'tenant' LIKE 'kill-%'",
    );
    return Number(counted.rows[0]?.count);
  };
  const produce = (from: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        site.producer.send('settings.changed', settingsChanged(from + index, `kill-${(from + index) % 50}`)),
      ),
    );
  let service = await site.start();
  const places: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const before = await rows();
    const producing = (async () => {
      for (let part = 0; part < 20; part += 1)
        places.push(
          ...(await produce(round * 1_000 + part * 50, 50)).map(
            ({ partition, offset }) => `${partition}/${offset}`,
          ),
        );
    })();
    await waitFor(async () => (await rows()) > before, { timeoutMs: 60_000 });
    service.kill('SIGKILL');
    await Promise.all([producing, service.exited]);
    service = await site.start();
  }
  await waitFor(async () => (await rows()) >= 2_000, { timeoutMs: 60_000 });
  expect(new Set(places).size).toBe(2_000);
  const stored = await postgres.query<{ place: string }>(
    "SELECT partition || '/' || record_offset AS place FROM notification_log WHERE metadata->>'tenant' LIKE 'kill-%'",
  );
  expect(stored.rows.map(({ place }) => place).toSorted()).toEqual(places.toSorted());
  expect(await service.stop()).toEqual({ code: 0, signal: null });
}, 240_000);
