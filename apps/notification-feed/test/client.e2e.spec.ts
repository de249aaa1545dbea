import {
  createFeedClient,
  type CursorStore,
  FeedError,
  FeedGapError,
  type FeedItem,
  type Gap,
  memoryCursorStore,
} from '@soma/feed-client';
import { httpJson, type Relay, type SpawnedService, startRelay, waitFor } from '@soma/testing';
import type { Notification } from '../src/core/notification.js';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { entries } from './notifications.js';

const heartbeat = { FEED_HEARTBEAT_MS: '1000' };

let site: FeedSite;
let service: SpawnedService;
let relay: Relay;
/** Ends what a test left open. */
let ending: AbortController;
let offset = 0;

beforeAll(async () => {
  site = await createFeedSite();
  service = await site.start(heartbeat);
  relay = await startRelay(service.url);
}, 90_000);

afterAll(async () => {
  await relay.close();
  await site.drop();
}, 60_000);

beforeEach(() => {
  ending = new AbortController();
});

afterEach(async () => {
  ending.abort();
  await relay.restore();
});

const client = (url = relay.url, token: string | (() => string) = site.token('operator')) =>
  createFeedClient({ url, token });

const store = async (count: number, notification: Partial<Notification> = {}): Promise<void> => {
  await site.database.store.append(entries(offset, count, notification));
  offset += count;
};

/** Every position of the squad, read without the client. */
const stored = async (after: string): Promise<string[]> => {
  const all: string[] = [];
  for (;;) {
    const { body } = await httpJson(
      `${service.url}/v1/notifications?squad=infra-ops&after=${all.at(-1) ?? after}&limit=500`,
      { token: site.token('operator') },
    );
    const { notifications } = body as { notifications: { position: string }[] };
    if (notifications.length === 0) return all;
    all.push(...notifications.map(({ position }) => position));
  }
};

const positionOf = (cursor: string | undefined): string | undefined => cursor?.split('.').at(-1);

const head = async (): Promise<string> => {
  const { notifications } = await client(service.url).page({ squad: 'infra-ops', limit: 1 });
  return notifications[0]?.position ?? '0';
};

interface Reading {
  readonly positions: string[];
  /** Rejects with what ended it, unless that was the signal. */
  readonly ended: Promise<void>;
}

/** Reads on in the background, and has every item handled by `handle`. */
const read = (
  items: AsyncIterable<FeedItem>,
  handle: (item: FeedItem) => Promise<void> = () => Promise.resolve(),
): Reading => {
  const positions: string[] = [];
  const ended = (async () => {
    for await (const item of items) {
      await handle(item);
      positions.push(item.notification.position);
    }
  })();
  // Whoever awaits it sees the error; nobody may.
  ended.catch(() => undefined);
  return { positions, ended };
};

it('loses nothing and gives nothing twice over a wire that is cut at random', async () => {
  const from = await head();
  let cuts = 0;
  let next = 50;
  const reading = read(client().subscribe({ squad: 'infra-ops', from, signal: ending.signal }), async () => {
    if (reading.positions.length < next) return;
    next += 100 + Math.floor(Math.random() * 200);
    cuts += 1;
    await relay.cut();
    await relay.restore();
  });
  // More than the buffers on the way hold, so that a cut finds an event half sent.
  for (let batch = 0; batch < 40; batch += 1) await store(50, { body: 'x'.repeat(10_000) });
  await waitFor(() => reading.positions.length >= 2_000, { timeoutMs: 90_000 });
  const expected = await stored(from);
  expect(expected).toHaveLength(2_000);
  expect(reading.positions).toEqual(expected);
  expect(cuts).toBeGreaterThanOrEqual(7);
  ending.abort();
  await reading.ended;
}, 120_000);

it('goes on over a restart of the service, and waits for one that is not there yet', async () => {
  await relay.cut();
  const from = await head();
  const reading = read(client().subscribe({ squad: 'infra-ops', from, signal: ending.signal }));
  await store(10);
  await relay.restore();
  await waitFor(() => reading.positions.length === 10, { timeoutMs: 60_000 });
  const { port } = new URL(service.url);
  await service.stop();
  await store(10);
  service = await site.start({ ...heartbeat, SOMA_HTTP_PORT: port });
  await store(10);
  await waitFor(() => reading.positions.length >= 30, { timeoutMs: 60_000 });
  expect(reading.positions).toEqual(await stored(from));
}, 120_000);

it('leaves a connection on which nothing comes any more', async () => {
  let connections = 0;
  const counting: typeof fetch = (input, init) => {
    connections += 1;
    return fetch(input, init);
  };
  const feed = createFeedClient({ url: relay.url, token: site.token('operator'), fetch: counting });
  const from = await head();
  const reading = read(feed.subscribe({ squad: 'infra-ops', from, silenceMs: 3_000, signal: ending.signal }));
  await store(1);
  await waitFor(() => reading.positions.length === 1);
  expect(connections).toBe(1);
  relay.freeze();
  await store(1);
  await waitFor(() => connections >= 2);
  await relay.restore();
  await waitFor(() => reading.positions.length >= 2, { timeoutMs: 30_000 });
  expect(reading.positions).toEqual(await stored(from));
}, 60_000);

it('begins at the start, or with what comes from now on', async () => {
  await store(3);
  const all = read(client().subscribe({ squad: 'infra-ops', from: 'start', signal: ending.signal }));
  await waitFor(async () => all.positions.length === (await stored('0')).length);
  expect(all.positions).toEqual(await stored('0'));
  const place = memoryCursorStore();
  const before = await head();
  const live = read(client().subscribe({ squad: 'infra-ops', cursor: place, signal: ending.signal }));
  await waitFor(async () => positionOf(await place.load()) === before);
  await store(2);
  await waitFor(() => live.positions.length === 2);
  expect(live.positions).toEqual(await stored(before));
});

it('saves a cursor when the next item is asked for, and a run that was broken off repeats no more than that', async () => {
  const from = await head();
  await store(20);
  const expected = await stored(from);
  const place = memoryCursorStore(from);
  const runs: string[][] = [];
  while (positionOf(await place.load()) !== expected.at(-1)) {
    const run: string[] = [];
    runs.push(run);
    const leave = new AbortController();
    for await (const { notification } of client().subscribe({
      squad: 'infra-ops',
      cursor: place,
      signal: leave.signal,
    })) {
      run.push(notification.position);
      expect(positionOf(await place.load())).not.toBe(notification.position);
      // Broken off in the middle of the fifth; the last of all is handled.
      if (run.length === 5) break;
      if (notification.position === expected.at(-1)) leave.abort();
    }
  }
  // Each run begins with the one that was not finished.
  for (const [index, run] of runs.entries())
    expect(run[0]).toBe(index === 0 ? expected[0] : runs[index - 1]?.at(-1));
  expect([...new Set(runs.flat())]).toEqual(expected);
  expect(runs.length).toBeGreaterThan(3);
}, 60_000);

it('reads no further ahead of a slow consumer than a buffer holds', async () => {
  const from = await head();
  await store(2_000, { body: 'x'.repeat(20_000) });
  let read = 0;
  const counting: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        read += chunk.byteLength;
        controller.enqueue(chunk);
      },
    });
    const { status, headers } = response;
    return new Response(response.body?.pipeThrough(counter), { status, headers });
  };
  const slow = createFeedClient({ url: service.url, token: site.token('operator'), fetch: counting });
  const items = slow.subscribe({ squad: 'infra-ops', from, signal: ending.signal })[Symbol.asyncIterator]();
  await items.next();
  let seen = -1;
  await waitFor(() => {
    const settled = read === seen;
    seen = read;
    return settled;
  });
  expect(read).toBeLessThan(4_000_000);
  let count = 1;
  while (count < 2_000) {
    await items.next();
    count += 1;
  }
  expect(read).toBeGreaterThan(40_000_000);
}, 60_000);

it('asks for a fresh token once after a 401, and ends when the feed refuses for good', async () => {
  const tokens = ['token-of-nobody', site.token('operator')];
  let asked = 0;
  const from = await head();
  const renewed = client(relay.url, () => tokens[asked++] ?? '');
  const reading = read(renewed.subscribe({ squad: 'infra-ops', from, signal: ending.signal }));
  await store(1);
  await waitFor(() => reading.positions.length === 1);
  expect(asked).toBe(2);
  const refusal = (reading: Reading) => reading.ended.then(() => undefined, (error: unknown) => error); // prettier-ignore
  let stale = 0;
  const never = read(
    client(relay.url, () => `token-of-nobody-${(stale += 1)}`).subscribe({ squad: 'infra-ops', from }),
  );
  expect(await refusal(never)).toMatchObject({ status: 401, retriable: false });
  expect(stale).toBe(2);
  const foreign = read(client(relay.url, site.token('billing')).subscribe({ squad: 'infra-ops', from }));
  expect(await refusal(foreign)).toMatchObject({
    status: 403,
    code: 'squad-not-allowed',
    detail: expect.stringContaining('infra-ops') as string,
  });
  const wrong = await refusal(read(client().subscribe({ squad: 'nobody', from: 'not-a-cursor' })));
  expect(wrong).toBeInstanceOf(FeedError);
  expect((wrong as FeedError).errors.map(({ path }) => path)).toContain('squad');
  const elsewhere = read(client(`${service.url}/nowhere`).subscribe({ squad: 'infra-ops', from }));
  expect(await refusal(elsewhere)).toMatchObject({ status: 404 });
});

it('ends with what a cursor store throws', async () => {
  const from = await head();
  await store(2);
  const full: CursorStore = {
    load: () => Promise.resolve(from),
    save: () => Promise.reject(new Error('disk full')),
  };
  const { ended } = read(client().subscribe({ squad: 'infra-ops', cursor: full, signal: ending.signal }));
  await expect(ended).rejects.toThrow('disk full');
});

it('reads pages in both directions, and publishes', async () => {
  const from = await head();
  const feed = client();
  const nightly = { squads: ['infra-ops'], kind: 'nightly.finished', title: 'Nightly passed' };
  const batch = [1, 2, 3, 4, 5].map((n) => ({ ...nightly, dedupe_key: `nightly/${n}` }));
  const placed = await feed.publish(batch, { idempotencyKey: 'client-1' });
  expect(placed.every((one) => one.new)).toBe(true);
  expect(await feed.publish(batch, { idempotencyKey: 'client-1' })).toEqual(placed);
  const positions = placed.map(({ position }) => position);
  const forward: string[] = [];
  for await (const page of feed.pages({ squad: 'infra-ops', after: from, limit: 2 })) {
    expect(page.notifications.length).toBeLessThanOrEqual(2);
    forward.push(...page.notifications.map(({ position }) => position));
  }
  expect(forward).toEqual(positions);
  const backward: string[] = [];
  for await (const page of feed.pages({ squad: 'infra-ops', before: positions.at(-1), limit: 2 })) {
    backward.push(...page.notifications.map(({ position }) => position));
    if (backward.length >= 4) break;
  }
  expect(backward).toEqual(positions.slice(0, 4).toReversed());
  await expect(feed.publish({ ...nightly, title: '' })).rejects.toMatchObject({
    status: 400,
    code: 'invalid-request',
    errors: [expect.objectContaining({ path: 'title' }) as object],
  });
  await expect(client('http://127.0.0.1:9').page({ squad: 'infra-ops' })).rejects.toMatchObject({
    code: 'unreachable',
    retriable: true,
    status: undefined,
  });
});

describe('gaps and times', () => {
  const squad = 'ui-experience';
  const all = async () =>
    (await site.database.store.after(squad, '0', 100_000)).notifications.map((one) => one.position);

  it('begins with what was stored since a time', async () => {
    await store(3, { squads: [squad] });
    const { rows } = await site.database.postgres.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const since = new Date((rows[0]?.now.getTime() ?? 0) + 1);
    await waitFor(async () => {
      const { rows: later } = await site.database.postgres.query<{ now: Date }>(
        'SELECT clock_timestamp() AS now',
      );
      return (later[0]?.now ?? since) > since;
    });
    await store(2, { squads: [squad] });
    const reading = read(client().subscribe({ squad, from: since, signal: ending.signal }));
    await waitFor(() => reading.positions.length === 2);
    expect(reading.positions).toEqual((await all()).slice(-2));
  });

  it('is never silent about another epoch: an error without onGap, told once with it', async () => {
    const from = 'zzzzzzzz.5';
    await expect(read(client().subscribe({ squad, from, signal: ending.signal })).ended).rejects.toThrow(
      FeedGapError,
    );
    const gaps: Gap[] = [];
    const place = memoryCursorStore(from);
    const onGap = (gap: Gap): void => void gaps.push(gap);
    const reading = read(client().subscribe({ squad, cursor: place, onGap, signal: ending.signal }));
    const expected = await all();
    await waitFor(() => reading.positions.length === expected.length);
    expect(reading.positions).toEqual(expected);
    const { epoch } = await site.database.store.state();
    expect(gaps).toEqual([{ from, to: `${epoch}.0`, reason: 'epoch' }]);
    await waitFor(async () => (await place.load())?.startsWith(`${epoch}.`));
  });

  it('moves the saved cursor of a quiet squad along', async () => {
    const place = memoryCursorStore();
    read(client().subscribe({ squad: 'slm-execution', cursor: place, signal: ending.signal }));
    await waitFor(async () => (await place.load()) !== undefined);
    await store(2, { squads: ['memory-constitution'] });
    const { epoch, head: newest } = await site.database.store.state();
    await waitFor(async () => (await place.load()) === `${epoch}.${newest}`, { timeoutMs: 20_000 });
  });

  it('says which severities are past their retention', async () => {
    const { epoch, head: newest } = await site.database.store.state();
    await site.database.postgres.query("UPDATE feed_floor SET position = $1 WHERE severity = 'info'", [
      newest,
    ]);
    const gaps: Gap[] = [];
    const reading = read(
      client().subscribe({
        squad,
        from: `${epoch}.5`,
        onGap: (gap) => void gaps.push(gap),
        signal: ending.signal,
      }),
    );
    await waitFor(() => gaps.length === 1 && reading.positions.length > 0);
    expect(gaps).toEqual([
      { from: `${epoch}.5`, to: `${epoch}.${newest}`, reason: 'retention', severities: ['info'] },
    ]);
  });
});
