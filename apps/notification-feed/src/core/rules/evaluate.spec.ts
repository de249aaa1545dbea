import fc from 'fast-check';
import { billingRule, charge, eight, ruleEvent, rulesOf } from '../../../test/rules.js';
import type { Decided } from './decide.js';
import { evaluate } from './evaluate.js';
import type { Rule, RuleEvent } from './rule.js';
import { emptyState, type RulesState } from './state.js';

const minute = 60_000;

/** Events one after the other, each at its own time unless told. */
const run = (
  rules: readonly Rule[],
  events: readonly RuleEvent[],
  from: RulesState = emptyState,
  now?: number,
) => {
  let state = from;
  const notifications: Decided[] = [];
  const outcomes: string[] = [];
  for (const event of events) {
    const decision = evaluate(rules, event, state, now ?? event.at);
    ({ state } = decision);
    notifications.push(...decision.notifications);
    outcomes.push(...decision.outcomes.map(({ outcome }) => outcome));
  }
  return {
    state,
    notifications,
    outcomes,
    titles: notifications.map(({ notification }) => notification.title),
  };
};

const group = { by: ['event.tenant_id', 'event.currency'], window: '10m', sum: 'event.cost', over: 100 };
const spend = rulesOf([
  billingRule({
    title: '{{ event.tenant_id }} {{ money(group.sum, event.currency) }} {{ group.count }} {{ group.from }}',
    group,
  }),
]);

describe('a rule', () => {
  it('makes a notification of an event that it means', () => {
    const rules = rulesOf([
      billingRule({
        when: 'event.cost > 5 && "region" in event.metadata && event.at == at && headers.ce_source.endsWith("meter")',
        title: '{{ event.tenant_id }}: {{ event.metadata.region }}',
        body: '{{ topic }} {{ key }} {{ event.capsule_id }}',
        link: 'https://console.example.com/{{ event.tenant_id }}',
        squads: ['infra-ops'],
      }),
    ]);
    const { notifications } = run(rules, [charge(7, { metadata: { region: 'eu' }, tenant_id: 'a/b' })]);
    expect(notifications).toEqual([
      {
        origin: 'rule:identity-settings/spend/billing.events/0/7',
        coordinate: { topic: 'billing.events', partition: 0, offset: '7' },
        heldUntil: undefined,
        notification: {
          squads: ['identity-settings', 'infra-ops'],
          source: 'billing-meter',
          kind: 'billing.threshold',
          severity: 'warning',
          title: 'a/b: eu',
          body: 'billing.events acme ',
          link: 'https://console.example.com/a%2Fb',
          dedupeKey: 'rule/identity-settings/spend/acme',
          metadata: { rule: 'identity-settings/spend', topic: 'billing.events' },
          happenedAt: eight,
        },
      },
    ]);
  });

  it('says nothing of an event that it does not mean, or of another topic', () => {
    const rules = rulesOf([billingRule({ when: 'event.cost > 10' })]);
    const settings = { tenant: 'acme', version: 7, hash: 'c4', changed_keys: [], at: eight };
    const { notifications, outcomes } = run(rules, [charge(1), ruleEvent('settings.changed', 1, settings)]);
    expect(notifications).toEqual([]);
    expect(outcomes).toEqual(['unmatched']);
  });

  it('fails alone when an event does not allow an answer', () => {
    const rules = rulesOf([
      billingRule({ when: 'event.metadata.region == "eu"' }),
      billingRule({
        name: 'other',
        title: '{{ event.metadata.region }}',
        body: '{{ event.metadata.region }}',
      }),
    ]);
    const { outcomes, notifications } = run(rules, [charge(1)]);
    expect(outcomes.toSorted()).toEqual(['failed', 'sent']);
    expect(notifications[0]?.notification).toMatchObject({ title: 'identity-settings/other' });
  });

  it.each([NaN, 9e15, -2])('fails for an event whose record is from the time %d', (time) => {
    const { outcomes, notifications } = run(
      spend,
      [charge(1, { cost: 500 }, { at: time })],
      emptyState,
      eight,
    );
    expect({ outcomes, notifications }).toEqual({ outcomes: ['failed'], notifications: [] });
  });

  it('calculates with 64 bits', () => {
    const rules = rulesOf([billingRule({ when: 'event.cost * 1000 > 9007199254740991000 - 1' })]);
    expect(run(rules, [charge(1, { cost: Number.MAX_SAFE_INTEGER })]).outcomes).toEqual(['sent']);
  });
});

describe('a window', () => {
  it('tells once when the sum of a group goes above the limit, and again in the next window', () => {
    const { titles, outcomes } = run(spend, [
      charge(1, { cost: 60 }),
      charge(2, { cost: 90, tenant_id: 'globex' }),
      charge(3, { cost: 40 }),
      charge(4, { cost: 1 }, { at: eight + 9 * minute }),
      charge(5, { cost: 500 }, { at: eight + 10 * minute - 1 }),
      charge(6, { cost: 101 }, { at: eight + 10 * minute }),
    ]);
    expect(outcomes).toEqual(['counted', 'counted', 'counted', 'sent', 'counted', 'sent']);
    expect(titles).toEqual([
      'acme 0.000101 EUR 3 2026-06-01T08:00:00.000Z',
      'acme 0.000101 EUR 1 2026-06-01T08:10:00.000Z',
    ]);
  });

  it('counts events where there is no sum', () => {
    const rules = rulesOf([billingRule({ group: { by: ['event.service'], window: '1h', over: 2 } })]);
    expect(run(rules, [charge(1), charge(2), charge(3), charge(4)]).outcomes).toEqual([
      'counted', 'counted', 'sent', 'counted',
    ]); // prettier-ignore
  });

  it('counts a late event into the window it belongs to', () => {
    const { titles } = run(spend, [
      charge(1, { cost: 100 }),
      charge(2, { cost: 1 }, { at: eight + 30 * minute }),
      charge(3, { cost: 1 }, { at: eight + minute }),
    ]);
    expect(titles).toEqual(['acme 0.000101 EUR 2 2026-06-01T08:00:00.000Z']);
  });

  it('adds up exactly, beyond the numbers that JavaScript can count', () => {
    const cost = Number.MAX_SAFE_INTEGER;
    const events = Array.from({ length: 3_000 }, (_, offset) => charge(offset, { cost }));
    const { state } = run(spend, events);
    expect([...state.windows.values()]).toEqual([{ count: 3_000n, sum: BigInt(cost) * 3_000n, told: true }]);
  });
});

describe('a limit', () => {
  const limited = rulesOf([billingRule({ rateLimit: { max: 2, per: '10m' } })]);

  it('lets so many pass within its time, and says with the next how many it held back', () => {
    const events = [0, 1, 2, 3, 9.99, 10.5].map((minutes, offset) =>
      charge(offset, {}, { at: eight + minutes * minute }),
    );
    const { outcomes, notifications } = run(limited, events);
    expect(outcomes).toEqual(['sent', 'sent', 'limited', 'limited', 'limited', 'sent']);
    expect(notifications.map(({ notification }) => notification.metadata['suppressed'])).toEqual([
      undefined, undefined, '3',
    ]); // prettier-ignore
  });
});

describe('quiet hours', () => {
  const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
  const late = Date.UTC(2026, 5, 1, 21);

  it('hold or drop', () => {
    const hold = rulesOf([billingRule({ quietHours: { ...night, then: 'hold' } })]);
    const held = run(hold, [charge(1)], emptyState, late);
    expect(held.outcomes).toEqual(['held']);
    expect(held.notifications[0]?.heldUntil).toBe(Date.UTC(2026, 5, 2, 5));
    const drop = rulesOf([billingRule({ quietHours: { ...night, then: 'drop' } })]);
    expect(run(drop, [charge(1)], emptyState, late)).toMatchObject({
      outcomes: ['dropped'],
      notifications: [],
    });
  });
});

describe('delivery at least once', () => {
  const rules = rulesOf([
    billingRule({ name: 'sum', group, rateLimit: { max: 2, per: '1h' } }),
    billingRule({ name: 'each', when: 'event.cost > 50', rateLimit: { max: 3, per: '10m' } }),
  ]);
  const charges = fc
    .array(
      fc.record({
        partition: fc.nat(2),
        minutes: fc.nat(40),
        cost: fc.integer({ min: 0, max: 150 }),
        tenant: fc.constantFrom('acme', 'globex'),
      }),
      { maxLength: 40 },
    )
    .map((list) =>
      list.map(({ partition, minutes, cost, tenant }, offset) =>
        charge(offset, { cost, tenant_id: tenant }, { partition, at: eight + minutes * minute }),
      ),
    );

  it('is the same as exactly once: what comes again, from any place on, changes nothing', () => {
    fc.assert(
      fc.property(charges, fc.array(fc.nat(40), { maxLength: 4 }), (events, crashes) => {
        const once = run(rules, events, emptyState, eight);
        // A crash after so many events: delivery begins again at some earlier one.
        const again = crashes.flatMap((end, index) => events.slice(index % 3, end));
        const crashed = run(rules, [...again, ...events], emptyState, eight);
        const prefix = run(rules, events.slice(0, crashes[0] ?? 0), emptyState, eight);
        const resumed = run(rules, events, prefix.state, eight);
        expect(resumed.state).toEqual(once.state);
        expect([...prefix.notifications, ...resumed.notifications]).toEqual(once.notifications);
        const twice = run(rules, events, once.state, eight);
        expect(twice).toEqual({ state: once.state, notifications: [], outcomes: [], titles: [] });
        expect(new Set(crashed.notifications.map(({ origin }) => origin)).size).toBe(
          crashed.notifications.length,
        );
        expect(crashed.state.done).toEqual(once.state.done);
        expect(totals(crashed.state)).toEqual(totals(once.state));
      }),
    );
  });

  it('has the same sums in whatever order the partitions are read', () => {
    fc.assert(
      fc.property(charges, (events) => {
        const byPartition = events.toSorted((a, b) => a.coordinate.partition - b.coordinate.partition);
        expect(totals(run(rules, byPartition, emptyState, eight).state)).toEqual(
          totals(run(rules, events, emptyState, eight).state),
        );
      }),
    );
  });
});

const totals = ({ windows }: RulesState) => Object.fromEntries(windows);
