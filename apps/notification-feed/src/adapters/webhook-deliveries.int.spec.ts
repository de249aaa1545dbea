import { randomUUID } from 'node:crypto';
import { entries, entry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import type { Attempt } from '../core/webhooks/judge.js';
import type { Claim, DeliveryStore, Room, WebhookStore } from '../webhooks/ports.js';
import { createDeliveryStore } from './webhook-deliveries.js';
import { createWebhookStore } from './webhook-store.js';

const squad = 'infra-ops';
const ok: Attempt = { status: 200, error: null, durationMs: 3 };
const refused: Attempt = { status: 500, error: 'answered 500', durationMs: 3 };
const again = { outcome: 'pending', waitMs: 0 } as const;
const day = 86_400_000;

let test: TestStore;
let webhooks: WebhookStore;
let store: DeliveryStore;

beforeEach(async () => {
  test = await createTestStore();
  webhooks = createWebhookStore(test.postgres);
  store = createDeliveryStore(test.postgres);
});

afterEach(() => test.drop());

const create = async (): Promise<string> => {
  const id = randomUUID();
  const filter = { kinds: [], minSeverity: 'info' } as const;
  const key = { id: randomUUID(), kind: 'hmac', sealed: Buffer.from('x'), publicKey: null } as const;
  const spec = { id, squad, url: 'https://hook.example.com/', description: '', filter, createdBy: 'ann' };
  await webhooks.create(spec, key);
  return id;
};

const claimAll = (room: Partial<Room> = {}): Promise<Claim[]> =>
  store.claim({ total: 1_000, perWebhook: 1_000, busy: new Map(), leaseMs: 60_000, ...room });

const claimOne = async (): Promise<Claim> => {
  const [first] = await claimAll({ total: 1 });
  if (!first) throw new Error('nothing is due');
  return first;
};

it('makes a delivery of each row once, however many dispatchers there are, and begins behind what was there', async () => {
  await test.store.append(entries(0, 10));
  const ids = await Promise.all([1, 2, 3].map(create));
  await test.store.append(entries(10, 1_200));
  await test.store.append([entry(5_000, { squads: ['ui-experience'] })]);
  const made = await Promise.all([1, 2, 3, 4].map(() => createDeliveryStore(test.postgres).dispatch()));
  // Whom one dispatcher works on, another leaves out; what is left then is nothing.
  expect(made.reduce((sum, one) => sum + one, await store.dispatch())).toBe(3 * 1_200);
  const head = `${(await test.store.state()).head}`;
  for (const id of ids) expect(await webhooks.find(id)).toMatchObject({ cursor: head });
});

it('gives each delivery to one sender, to nobody twice, and shares the room of webhooks', async () => {
  const [busy, idle] = await Promise.all([create(), create()]);
  await test.store.append(entries(0, 20));
  await store.dispatch();
  const few = await claimAll({ total: 16, perWebhook: 4, busy: new Map([[busy, 3]]) });
  const taken = (id: string) => few.filter(({ webhook }) => webhook.id === id).length;
  expect([taken(busy), taken(idle)]).toEqual([1, 4]);
  const claims = await Promise.all(
    [1, 2, 3].map(() =>
      createDeliveryStore(test.postgres).claim({
        total: 100,
        perWebhook: 100,
        busy: new Map(),
        leaseMs: 60_000,
      }),
    ),
  );
  const all = [...few, ...claims.flat(), ...(await claimAll())].map(({ delivery }) => delivery);
  expect(new Set(all).size).toBe(40);
  expect(all).toHaveLength(40);
});

it('hands a claim on when it is over, and does not listen to who had it', async () => {
  await create();
  await test.store.append([entry(1, { title: 'one' })]);
  await store.dispatch();
  const [first] = await claimAll({ leaseMs: 0 });
  const second = await claimOne();
  if (!first) throw new Error('nothing was due');
  expect(second).toMatchObject({ delivery: first.delivery, messageId: first.messageId, attempt: 1 });
  expect(second.row).toMatchObject({ title: 'one', coordinate: { offset: '1' } });
  expect(await store.record(first, ok, { outcome: 'delivered' })).toBe('lost');
  expect(await store.record(second, refused, again)).toBe('recorded');
  const third = await claimOne();
  expect(third.attempt).toBe(2);
  expect(third.firstAttemptAt).toBe(third.failingSince);
  expect(await store.record(third, ok, { outcome: 'delivered' })).toBe('recorded');
  expect(await claimAll()).toEqual([]);
  expect(await store.pending()).toBe(0);
  expect(await store.log(third.webhook.id, 10)).toMatchObject([
    {
      outcome: 'delivered',
      nextAttemptAt: null,
      attempts: [{ status: 500 }, { status: 200, durationMs: 3 }],
    },
  ]);
});

it('disables once, with one notification, and not when a success came in between', async () => {
  const id = await create();
  await test.store.append(entries(0, 4));
  await store.dispatch();
  for (const claim of await claimAll()) await store.record(claim, refused, again);
  const [a, b, c, d] = await claimAll();
  if (!a || !b || !c || !d) throw new Error('not all are due');
  const end = { outcome: 'failed', disable: 'failing' } as const;
  await store.record(a, ok, { outcome: 'delivered' });
  expect(await store.record(b, refused, end)).toBe('recorded');
  const { failingSince = null } = (await webhooks.find(id)) ?? {};
  const outcomes = await Promise.all(
    [c, d].map((one) => store.record({ ...one, failingSince }, refused, end)),
  );
  expect(outcomes.toSorted()).toEqual(['disabled', 'recorded']);
  expect(await webhooks.find(id)).toMatchObject({ state: 'disabled', stateReason: 'failing' });
  const kinds = (await test.store.after(squad, '0', 10)).notifications.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'feed.webhook.disabled')).toHaveLength(1);
});

it('keeps for a disabled webhook what happens, and sends it when it is enabled', async () => {
  const id = await create();
  await test.store.append([entry(1)]);
  await store.dispatch();
  await webhooks.update(id, { enabled: false }, 'ann');
  await test.store.append([entry(2)]);
  expect(await store.dispatch()).toBe(0);
  expect(await claimAll()).toEqual([]);
  await webhooks.update(id, { enabled: true }, 'ann');
  expect(await store.dispatch()).toBe(1);
  expect((await claimAll()).map(({ row }) => row?.title)).toEqual(['Notification 1', 'Notification 2']);
});

it('replays with the same ids, leaves alone what is on its way, and never moves a cursor forward', async () => {
  const id = await create();
  await test.store.append([entry(1), entry(2)]);
  await store.dispatch();
  const [first, second] = await claimAll();
  if (!first || !second) throw new Error('not all are due');
  await store.record(first, ok, { outcome: 'delivered' });
  await store.rewind(id, 0);
  await store.dispatch();
  const replayed = await claimAll();
  expect(replayed.map(({ delivery, messageId }) => [delivery, messageId])).toEqual([
    [first.delivery, first.messageId],
  ]);
  expect(await store.record(second, ok, { outcome: 'delivered' })).toBe('recorded');
  const before = (await webhooks.find(id))?.cursor;
  expect(await store.rewind(id, Date.now() + day)).toBe(before);
  expect(await store.retry(id, first.delivery)).toBe(false);
  expect(await store.retry(id, second.delivery)).toBe(true);
  expect((await claimAll()).map(({ delivery }) => delivery)).toEqual([second.delivery]);
});

it('ends what the feed does not keep any more, without blame', async () => {
  const id = await create();
  await test.store.append([entry(1)]);
  await store.dispatch();
  await test.postgres.query('DELETE FROM notification_log');
  const claim = await claimOne();
  expect(claim.row).toBeUndefined();
  await store.expire(claim);
  expect(await store.log(id, 10)).toMatchObject([{ outcome: 'failed', attempts: [{ status: null }] }]);
  expect(await webhooks.find(id)).toMatchObject({ failingSince: null });
});

it('forgets old deliveries with their attempts, and everything of a webhook that is removed', async () => {
  const id = await create();
  await test.store.append(entries(0, 2));
  await store.dispatch();
  await store.record(await claimOne(), ok, { outcome: 'delivered' });
  const count = async (table: string) =>
    (await test.postgres.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${table}`)).rows[0]?.n;
  await test.postgres.query(
    `UPDATE webhook_delivery SET created_at = now() - interval '31 days' WHERE outcome = 'delivered'`,
  );
  expect(await store.prune(30 * day)).toBe(1);
  expect([await count('webhook_delivery'), await count('webhook_attempt')]).toEqual([1, 0]);
  await webhooks.remove(id, 'ann');
  expect([await count('webhook_delivery'), await count('webhook_key')]).toEqual([0, 0]);
});

it('does not lock itself out when messages are written down while a replay passes them', async () => {
  const id = await create();
  await test.store.append(entries(0, 60));
  await store.dispatch();
  let open = await claimAll();
  for (let round = 0; round < 3; round += 1) {
    const written = Promise.all(open.map((claim) => store.record(claim, ok, { outcome: 'delivered' })));
    await store.rewind(id, 0);
    await Promise.all([store.dispatch(), createDeliveryStore(test.postgres).dispatch(), written]);
    await store.dispatch();
    open = await claimAll();
  }
  await Promise.all(open.map((claim) => store.record(claim, ok, { outcome: 'delivered' })));
  expect(await store.pending()).toBe(0);
});
