import fc from 'fast-check';
import {
  everySquad,
  fromBillingEvent,
  fromInfraNotification,
  fromSettingsChanged,
  money,
} from './notification.js';

const at = Date.UTC(2026, 5, 1, 8, 0, 0);

describe('money', () => {
  it.each([
    [1_250_000, '1.25 EUR'],
    [150, '0.00015 EUR'],
    [-1, '-0.000001 EUR'],
    [0, '0.00 EUR'],
    [7_000_000, '7.00 EUR'],
  ])('writes %d micro-units as %s', (micros, text) => {
    expect(money(micros, 'EUR')).toBe(text);
  });

  it('loses and adds no micro-unit, whatever the amount, and writes no more digits than it needs', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('USD', 'EUR', 'JPY'), (micros, currency) => {
        const [, sign, units = '', fraction = '', name] =
          /^(-?)(0|[1-9]\d*)\.(\d{2,6}) ([A-Z]{3})$/.exec(money(micros, currency)) ?? [];
        expect(BigInt(units + fraction.padEnd(6, '0'))).toBe(BigInt(Math.abs(micros)));
        expect(sign === '-').toBe(micros < 0);
        expect(fraction.length === 2 || !fraction.endsWith('0')).toBe(true);
        expect(name).toBe(currency);
      }),
    );
  });
});

describe('what becomes of an event', () => {
  const settings = {
    tenant: 'acme',
    version: 7,
    hash: 'c41d',
    changed_keys: ['model.default', 'limits.tokens'],
    at,
  };

  it('tells every squad that settings changed', () => {
    expect(fromSettingsChanged(settings, 'settings-api')).toEqual({
      squads: [everySquad],
      source: 'settings-api',
      kind: 'settings.changed',
      severity: 'info',
      title: 'Settings of acme are now at version 7',
      body: 'Changed: model.default, limits.tokens.',
      link: null,
      dedupeKey: 'settings/acme/7',
      metadata: { tenant: 'acme', version: '7', hash: 'c41d' },
      happenedAt: at,
    });
  });

  it('says so when any key may have changed', () => {
    expect(fromSettingsChanged({ ...settings, changed_keys: [] }, 'settings-api').body).toBe(
      'Changed: any of its keys.',
    );
  });

  it('tells a charge to the squad that bills, and to no other; its free labels stay behind', () => {
    const event = {
      event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
      tenant_id: 'globex',
      service: 'slm-gateway',
      cost: 12_500,
      currency: 'EUR',
      tokens: 900,
      capsule_id: null,
      metadata: { user: 'somebody' },
      at,
    };
    expect(fromBillingEvent(event, 'billing-meter')).toEqual({
      squads: ['identity-settings'],
      source: 'billing-meter',
      kind: 'billing.event',
      severity: 'info',
      title: 'globex was billed 0.0125 EUR for slm-gateway',
      body: '900 tokens.',
      link: null,
      dedupeKey: 'billing/1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
      metadata: {
        tenant: 'globex',
        service: 'slm-gateway',
        event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
      },
      happenedAt: at,
    });
  });

  it('passes a notification on as its producer wrote it; without squads it is for all of them', () => {
    const event = {
      squads: ['slm-execution', 'infra-ops'],
      source: 'secrets-rotator',
      kind: 'secret.late',
      severity: 'error' as const,
      title: 'Postgres credential of slm-gateway is past its date',
      body: 'Due three days ago.',
      link: 'https://console.example.com/rotations/1',
      dedupe_key: 'rotation/postgres/slm-gateway',
      metadata: { environment: 'staging' },
      at,
    };
    const { dedupe_key: dedupeKey, at: happenedAt, ...same } = event;
    expect(fromInfraNotification(event)).toEqual({ ...same, dedupeKey, happenedAt });
    expect(fromInfraNotification({ ...event, squads: [] }).squads).toEqual([everySquad]);
  });
});
