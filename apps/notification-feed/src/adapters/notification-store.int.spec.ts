import type { Postgres } from '@soma/postgres';
import { waitFor } from '@soma/testing';
import { entries, entry, kafkaEntry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import type { Filter, NotificationStore, Placement, StoredNotification } from '../ports.js';
import { appendIn, inTurn } from './notification-store.js';

let test: TestStore;
let store: NotificationStore;

beforeEach(async () => {
  test = await createTestStore();
  ({ store } = test);
});

afterEach(() => test.drop());

const after = async (squad: string, position: string, limit: number) => [
  ...(await store.after(squad, position, limit)).notifications,
];

const offsets = (rows: readonly StoredNotification[]): number[] =>
  rows.map(({ coordinate }) => Number(coordinate?.offset));
const news = (placements: readonly Placement[]): number => placements.filter(({ isNew }) => isNew).length;

describe('append', () => {
  it('gives back what was stored, with its position, its coordinate and its times', async () => {
    const one = entry(4, {
      link: 'https://console.example.com/1',
      metadata: { tenant: 'acme' },
      severity: 'critical',
    });
    const before = Date.now();
    const [placement] = await store.append([one]);
    const [row] = await after('infra-ops', '0', 10);
    expect(row).toEqual({
      ...one.notification,
      origin: `kafka:settings.changed/4/4`,
      coordinate: one.coordinate,
      position: placement?.position,
      storedAt: expect.any(Number),
    });
    expect(Math.abs((row?.storedAt ?? 0) - before)).toBeLessThan(60_000);
  });

  it('stores each origin once, however many writers bring the same batches at once', async () => {
    const batches = Array.from({ length: 5 }, (_, batch) => entries(batch * 200, 200));
    const writers = Array.from({ length: 8 }, (_, writer) =>
      // Each in an order of its own, so that they meet in the middle of different batches.
      Promise.all(
        [...batches.slice(writer % 5), ...batches.slice(0, writer % 5)].map((batch) => store.append(batch)),
      ),
    );
    expect(news((await Promise.all(writers)).flat(2))).toBe(1_000);
    const rows = await after('infra-ops', '0', 2_000);
    expect(offsets(rows).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1_000 }, (_, offset) => offset),
    );
  });

  it('says where each entry is, and which of them are new, also when one comes twice in a batch', async () => {
    const [first, again, second] = await store.append([entry(1), entry(1), entry(2)]);
    expect([first, again, second].map((placement) => placement?.isNew)).toEqual([true, false, true]);
    expect(again?.position).toBe(first?.position);
    const [third, ...known] = await store.append([entry(3), entry(2), entry(1)]);
    expect(third?.isNew).toBe(true);
    expect(known).toEqual([second, again].map((placement) => ({ ...placement, isNew: false })));
    expect(await store.append([])).toEqual([]);
    expect(await after('infra-ops', '0', 10)).toHaveLength(3);
  });

  it('stores what has no coordinate, once per origin', async () => {
    const { notification } = entry(1);
    const posted = ['http:1', 'http:2', 'http:1'].map((origin) => ({ origin, notification }));
    expect(news(await store.append(posted))).toBe(2);
    const rows = await after('infra-ops', '0', 10);
    expect(rows).toEqual(
      ['http:1', 'http:2'].map((origin) => expect.objectContaining({ origin, coordinate: null }) as object),
    );
  });

  it('keeps the same offset of another topic or partition apart', async () => {
    const { notification } = entry(1);
    const places = [
      { topic: 'settings.changed', partition: 0, offset: '9223372036854775807' },
      { topic: 'settings.changed', partition: 1, offset: '9223372036854775807' },
      { topic: 'billing.events', partition: 0, offset: '9223372036854775807' },
    ];
    expect(news(await store.append(places.map((place) => kafkaEntry(place, notification))))).toBe(3);
    expect((await after('infra-ops', '0', 10)).map(({ coordinate }) => coordinate)).toEqual(places);
  });

  it('stores all of a batch or nothing of it', async () => {
    const bad = entry(2, { severity: 'loud' as 'info' });
    await expect(store.append([entry(1), bad, entry(3)])).rejects.toMatchObject({ code: '23514' });
    expect(await after('infra-ops', '0', 10)).toEqual([]);
    expect((await store.state()).head).toBe(0n);
  });

  it('keeps every character but NUL and half characters, for which it writes U+FFFD', async () => {
    const text = 'a\0b 😀 𝒳 \u2028 "quoted" \\u0000 \\\0 \t é \\ud83d \ud83d \ude00\ud83d!';
    await store.append([entry(1, { title: text, body: text, metadata: { [`key\0${text}`]: text } })]);
    const [row] = await after('infra-ops', '0', 1);
    const kept = text.replaceAll('\0', '\ufffd').toWellFormed();
    expect(row).toMatchObject({ title: kept, body: kept });
    expect(row?.metadata).toEqual({ [`key\ufffd${kept}`]: kept });
  });
});

describe('appendOnce', () => {
  const request = { caller: 'ci', key: 'k-1', fingerprint: 'f-1' };

  it('stores a request once, and answers its repeats as it did the first time', async () => {
    const first = await store.appendOnce(request, entries(0, 3));
    expect(first).toMatchObject({ outcome: 'stored', placements: [{}, {}, { isNew: true }] });
    expect(await store.appendOnce(request, entries(0, 3))).toEqual({ ...first, outcome: 'replayed' });
    expect(await store.appendOnce({ ...request, fingerprint: 'f-2' }, entries(5, 1))).toEqual({
      outcome: 'conflict',
    });
    expect(await after('infra-ops', '0', 10)).toHaveLength(3);
  });

  it('stores one of many that come at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.appendOnce(request, [entry(index)])),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
    expect(await after('infra-ops', '0', 10)).toHaveLength(1);
  });

  it('forgets a request whose notifications could not be stored', async () => {
    const bad = entry(2, { severity: 'loud' as 'info' });
    await expect(store.appendOnce(request, [entry(1), bad])).rejects.toMatchObject({ code: '23514' });
    expect(await store.appendOnce(request, [entry(1)])).toMatchObject({ outcome: 'stored' });
  });
});

describe('the order', () => {
  /** Keeps each transaction open behind its last statement until the condition holds. */
  const heldOpen = (postgres: Postgres, until: () => Promise<unknown>): Postgres => ({
    ...postgres,
    transaction: (work) =>
      postgres.transaction(async (transaction) => {
        const result = await work(transaction);
        await until();
        return result;
      }),
  });

  it('never lets a reader pass a row that commits later, with eight writers and long transactions', async () => {
    let passes = 0;
    // Positions are taken by then and the reader looks at least once in full before any of them is committed.
    const readerPassed = () => {
      const seen = passes;
      return waitFor(() => passes > seen + 1, { describe: 'the reader' });
    };
    const slow = heldOpen(test.postgres, readerPassed);
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let batch = 0; batch < 4; batch += 1)
          await inTurn(slow, (turn) => appendIn(turn, entries(writer * 1_000 + batch * 5, 5)));
      }),
    ).finally(() => (writing = false));

    const seen: StoredNotification[] = [];
    const readNext = async (): Promise<number> => {
      const page = await after('infra-ops', seen.at(-1)?.position ?? '0', 7);
      seen.push(...page);
      passes += 1;
      return page.length;
    };
    while (writing) await readNext();
    await writers;
    while ((await readNext()) > 0);

    const stored = await after('infra-ops', '0', 1_000);
    expect(stored).toHaveLength(160);
    expect(seen).toEqual(stored);
  }, 60_000);
});

describe('reading', () => {
  it('shows a squad what is addressed to it or to all, and nothing else', async () => {
    await store.append([
      entry(1, { squads: ['identity-settings'] }),
      entry(2, { squads: ['infra-ops', 'slm-execution'] }),
      entry(3, { squads: ['*'] }),
      entry(4, { squads: ['ui-experience'] }),
    ]);
    expect(offsets(await after('identity-settings', '0', 10))).toEqual([1, 3]);
    expect(offsets(await after('slm-execution', '0', 10))).toEqual([2, 3]);
    expect(offsets((await store.before('ui-experience', undefined, 10)).notifications)).toEqual([4, 3]);
    expect(offsets((await store.before('policy-orchestration', undefined, 10)).notifications)).toEqual([3]);
  });

  it('pages forwards behind a position and backwards before one, each row once', async () => {
    await store.append(entries(0, 25));
    const pages = async (next: (last: string | undefined) => Promise<StoredNotification[]>) => {
      const rows = await next(undefined);
      for (let page = rows; page.length > 0; rows.push(...page)) page = await next(rows.at(-1)?.position);
      return rows;
    };
    const forwards = await pages((last) => after('infra-ops', last ?? '0', 10));
    const backwards = await pages(async (last) => [
      ...(await store.before('infra-ops', last, 10)).notifications,
    ]);
    expect(offsets(forwards)).toEqual(Array.from({ length: 25 }, (_, offset) => offset));
    expect(backwards).toEqual(forwards.toReversed());
  });

  it('takes only what fits a filter', async () => {
    await store.append([
      entry(1, { kind: 'drill.finished', severity: 'info' }),
      entry(2, { kind: 'drill_x.finished', severity: 'error' }),
      entry(3, { kind: 'drill.kafka.failed', severity: 'critical' }, 'infra.notifications'),
      { origin: 'http:1', notification: { ...entry(4).notification, kind: 'drill' } },
    ]);
    const found = async (filter: Filter) =>
      (await store.after('infra-ops', '0', 10, filter)).notifications.map(({ title }) => title.slice(-1));
    expect(await found({})).toEqual(['1', '2', '3', '4']);
    expect(await found({ kinds: ['drill.*'] })).toEqual(['1', '3']);
    expect(await found({ kinds: ['drill', 'drill_x.finished'] })).toEqual(['2', '4']);
    expect(await found({ severities: ['critical', 'error'] })).toEqual(['2', '3']);
    expect(await found({ topic: 'infra.notifications' })).toEqual(['3']);
    expect(await found({ kinds: ['drill.*'], severities: ['info'] })).toEqual(['1']);
    const newest = (await store.before('infra-ops', undefined, 10, { severities: ['info'] })).notifications;
    expect(offsets(newest)[1]).toBe(1);
  });

  it('knows what was stored since a time', async () => {
    await store.append(entries(0, 3));
    // Times are those of the server, which has the finer clock.
    const { rows } = await test.postgres.query<{ now: number }>(
      'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now',
    );
    const then = Number(rows[0]?.now);
    await store.append(entries(3, 3));
    const late = (await store.after('infra-ops', '0', 10, { since: then })).notifications;
    expect(offsets(late)).toEqual([3, 4, 5]);
    const from = await store.positionAt(then);
    expect(offsets(await after('infra-ops', `${from}`, 10))).toEqual([3, 4, 5]);
    expect(offsets(await after('infra-ops', `${await store.positionAt(0)}`, 10))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await store.positionAt(then + 86_400_000)).toBe((await store.state()).head);
  });

  it('says of the state that all rows up to its head are in what was read', async () => {
    const [first] = await store.append([entry(1)]);
    const page = await store.after('infra-ops', '0', 10);
    expect(page.state.head).toBe(BigInt(first?.position ?? ''));
    expect(page.state.head).toBe((await store.state()).head);
    expect(page.state).toMatchObject({ epoch: expect.stringMatching(/^[0-9a-z]{8}$/) as string, begins: 0n });
  });

  it('begins another epoch behind what is stored', async () => {
    await store.append(entries(0, 2));
    const { head } = await store.state();
    expect(await store.beginEpoch('restored')).toMatchObject({ epoch: 'restored', begins: head, head });
    await store.append(entries(2, 1));
    expect(await store.state()).toMatchObject({ epoch: 'restored', begins: head });
  });
});
