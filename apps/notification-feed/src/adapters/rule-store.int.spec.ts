import { billingRule, charge, eight, rulesOf } from '../../test/rules.js';
import { entry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import { decideAll, keysOf } from '../core/rules/batch.js';
import { evaluate } from '../core/rules/evaluate.js';
import { match } from '../core/rules/match.js';
import type { Rule, RuleEvent } from '../core/rules/rule.js';
import { emptyState } from '../core/rules/state.js';
import type { RuleStore } from '../ports.js';
import { createRuleStore } from './rule-store.js';

let test: TestStore;
let store: RuleStore;

beforeEach(async () => {
  test = await createTestStore();
  store = createRuleStore(test.postgres);
});

afterEach(() => test.drop());

const apply = (rules: readonly Rule[], events: readonly RuleEvent[], now = eight, on = store) => {
  const batch = events.map((event) => match(rules, event));
  return on.update(keysOf(batch), (state) => decideAll(batch, state, now));
};

const titles = async (): Promise<string[]> =>
  (await test.store.after('identity-settings', '0', 10_000)).notifications.map(({ title }) => title);

const spend = rulesOf([
  billingRule({
    name: 'spend',
    title: '{{ event.tenant_id }} {{ group.sum }} {{ group.count }}',
    group: { by: ['event.tenant_id'], window: '1h', sum: 'event.cost', over: 1_000 },
  }),
  billingRule({ name: 'few', title: 'few {{ event.tenant_id }}', rateLimit: { max: 5, per: '1h' } }),
]);

const charges = (count: number): RuleEvent[] =>
  Array.from({ length: count }, (_, index) =>
    charge(
      Math.floor(index / 3),
      { cost: index % 40, tenant_id: `tenant-${index % 7}` },
      { partition: index % 3 },
    ),
  );

it('goes on from batch to batch, as if nobody had ever forgotten anything', async () => {
  const events = charges(600);
  for (let at = 0; at < events.length; at += 37) await apply(spend, events.slice(at, at + 37));
  let state = emptyState;
  const expected = events.flatMap((event) => {
    const decision = evaluate(spend, event, state, eight);
    ({ state } = decision);
    return decision.notifications.map(({ notification }) => notification.title);
  });
  expect(await titles()).toEqual(expected);
  expect(expected).toHaveLength(7 + 5);
  const { rows } = await test.postgres.query('SELECT partition, done::text FROM rule_progress ORDER BY 1');
  expect(rows).toEqual([0, 1, 2].map((partition) => ({ partition, done: '{[0,200)}' })));
});

it('counts each event once, however many replicas bring the same batches at once and in which order', async () => {
  const events = charges(300);
  const batches = Array.from({ length: 10 }, (_, batch) => events.slice(batch * 30, batch * 30 + 30));
  await Promise.all(
    Array.from({ length: 4 }, async (_, replica) => {
      const own = createRuleStore(test.postgres);
      for (const batch of [...batches.slice(replica * 2), ...batches.slice(0, replica * 2 + 1)])
        await apply(spend, batch, eight, own);
    }),
  );
  const { rows } = await test.postgres.query(
    `SELECT sum(sum)::text AS sum, sum(count)::text AS count FROM rule_window WHERE rule = 'identity-settings/spend'`,
  );
  const total = events.reduce((sum, { value }) => sum + (value as { cost: number }).cost, 0);
  expect(rows).toEqual([{ sum: `${total}`, count: '300' }]);
  expect((await titles()).filter((title) => title.startsWith('few'))).toHaveLength(5);
});

it('keeps sums beyond 64 bits exact', async () => {
  const cost = Number.MAX_SAFE_INTEGER;
  const events = Array.from({ length: 1_500 }, (_, offset) => charge(offset, { cost }));
  await apply(spend, events.slice(0, 800));
  await apply(spend, events.slice(500));
  const { rows } = await test.postgres.query(
    'SELECT sum::text, count::text, told, starts_at, ends_at FROM rule_window',
  );
  expect(rows).toEqual([
    {
      sum: (BigInt(cost) * 1_500n).toString(),
      count: '1500',
      told: true,
      starts_at: new Date(eight),
      ends_at: new Date(eight + 3_600_000),
    },
  ]);
});

it('stores nothing of a batch that fails', async () => {
  const broken = rulesOf([billingRule()]);
  const batch = [match(broken, charge(1))];
  await expect(
    store.update(keysOf(batch), (state) => {
      const decision = decideAll(batch, state, eight);
      const [one] = decision.notifications;
      if (!one) throw new Error('there is one');
      const loud = { ...one, notification: { ...one.notification, severity: 'loud' as 'info' } };
      return { ...decision, notifications: [loud] };
    }),
  ).rejects.toMatchObject({ code: '23514' });
  expect((await apply(broken, [charge(1)])).notifications).toHaveLength(1);
});

it("stores a rule's row beside the feed's own of the same event, each once", async () => {
  const own = entry(6, { squads: ['identity-settings'], title: 'own' }, 'billing.events');
  const rules = rulesOf([billingRule({ title: 'rule' }), billingRule({ name: 'other', title: 'other' })]);
  for (const _ of [1, 2]) {
    await test.store.append([own]);
    await apply(rules, [charge(6)]);
  }
  expect(await titles()).toEqual(['own', 'rule', 'other']);
});

it('takes groups of any length and any character', async () => {
  const names = ['a\0b', '\ud800', 'x'.repeat(50_000), `${'x'.repeat(50_000)}y`, '\'"\\'];
  await apply(
    spend,
    names.map((name, offset) => charge(offset, { tenant_id: name, cost: 2_000 })),
  );
  await apply(
    spend,
    names.map((name, offset) => charge(offset + 5, { tenant_id: name, cost: 2_000 })),
  );
  const { rows } = await test.postgres.query('SELECT sum::text FROM rule_window');
  expect(rows).toEqual(names.map(() => ({ sum: '4000' })));
});

describe('what is held', () => {
  const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin', then: 'hold' };
  const late = Date.UTC(2026, 5, 1, 21);
  const morning = Date.UTC(2026, 5, 2, 5);

  it('is stored once when quiet hours end, whoever looks, and not before', async () => {
    const rules = rulesOf([billingRule({ title: 'held', quietHours: night, body: '*a*' })]);
    await apply(rules, [charge(1), charge(2)], late);
    await apply(rules, [charge(1), charge(2)], late);
    expect(await store.release(morning - 1)).toBe(0);
    expect(await titles()).toEqual([]);
    const released = await Promise.all([1, 2, 3].map(() => createRuleStore(test.postgres).release(morning)));
    expect(released.toSorted()).toEqual([0, 0, 2]);
    expect(await titles()).toEqual(['held', 'held']);
    expect(await store.release(morning)).toBe(0);
  });
});

it('tells what it has to say itself once', async () => {
  const { notification } = entry(1, { squads: ['identity-settings'], title: 'broken' });
  expect(await store.tell('rules:x.yaml/1', notification)).toBe(true);
  expect(await store.tell('rules:x.yaml/1', notification)).toBe(false);
  expect(await store.tell('rules:x.yaml/2', notification)).toBe(true);
  expect(await titles()).toEqual(['broken', 'broken']);
});

it('forgets windows that are over and that nothing comes into any more', async () => {
  const day = 86_400_000;
  const windows = async () => (await test.postgres.query('SELECT 1 FROM rule_window')).rows.length;
  const now = Date.now();
  await apply(spend, [charge(1, {}, { at: now - 40 * day }), charge(2, {}, { at: now })]);
  await store.forget(now, day);
  expect(await windows()).toBe(2);
  await test.postgres.query("UPDATE rule_window SET touched_at = touched_at - interval '2 days'");
  await store.forget(now, day);
  expect(await windows()).toBe(1);
});
