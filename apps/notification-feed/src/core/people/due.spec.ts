import fc from 'fast-check';
import { dueDigest } from './due-digest.js';
import { dueEscalations, escalatedKind, type Unacknowledged } from './due-escalations.js';
import type { EscalationPlan } from './plan-format.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** 2026 and 2027, with both changes of the clocks. */
const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) });

describe('dueDigest', () => {
  const mondays = { at: '0 8 * * 1', timeZone: 'Europe/Berlin' };
  const monday = Date.UTC(2026, 5, 1, 6);

  it('is due at its time by the clocks of the time zone, and covers the time since the one before', () => {
    expect(dueDigest(mondays, undefined, monday)).toEqual({ from: monday - 7 * dayMs, at: monday });
    expect(dueDigest(mondays, monday - 7 * dayMs, monday - 1)).toBeUndefined();
    expect(dueDigest(mondays, monday, monday)).toBeUndefined();
    // Over the change of the clocks: 08:00 is an hour later in UTC.
    const winter = Date.UTC(2026, 9, 26, 7);
    expect(dueDigest(mondays, undefined, winter)).toEqual({ from: winter - 7 * dayMs - hourMs, at: winter });
  });

  it('is told a day late at most', () => {
    expect(dueDigest(mondays, undefined, monday + dayMs - 1)).toMatchObject({ at: monday });
    expect(dueDigest(mondays, undefined, monday + dayMs)).toBeUndefined();
  });

  it('covers what those would have that were missed, but not more than a month of it', () => {
    const daily = { ...mondays, at: '0 8 * * *' };
    expect(dueDigest(daily, monday - 5 * dayMs, monday + hourMs)).toEqual({
      from: monday - 5 * dayMs,
      at: monday,
    });
    expect(dueDigest(daily, 0, monday)?.from).toBe(monday - dayMs - 31 * dayMs);
  });

  it('tells each time at most once and leaves no time out, whenever it is looked', () => {
    const schedules = fc.constantFrom('*/20 * * * *', '30 2 * * *', '0 */5 * * *', '0 8 * * 1', '0 0 1 * *');
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York');
    const looks = fc.array(fc.integer({ min: 1, max: 40 * hourMs }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(schedules, zones, times, looks, (at, timeZone, start, waits) => {
        let now = start;
        let handled: number | undefined;
        for (const wait of waits) {
          now += wait;
          const due = dueDigest({ at, timeZone }, handled, now);
          if (!due) continue;
          expect(due.at).toBeGreaterThan(now - dayMs);
          expect(due.at).toBeLessThanOrEqual(now);
          expect(due.from).toBeLessThan(due.at);
          if (handled !== undefined && due.at - handled < 31 * dayMs) expect(due.from).toBe(handled);
          expect(dueDigest({ at, timeZone }, due.at, now)).toBeUndefined();
          handled = due.at;
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('dueEscalations', () => {
  const critical = (other: Partial<Unacknowledged> = {}): Unacknowledged => ({
    position: '7',
    source: 'secrets-rotator',
    kind: 'rotation.failed',
    severity: 'critical',
    title: 'Rotation failed',
    body: 'Look',
    link: 'https://console.example.com/rotations/1',
    dedupeKey: 'rotation/1',
    storedAt: 0,
    ...other,
  });
  const plan: EscalationPlan = { after: { text: '15m', ms: hourMs / 4 }, to: ['policy-orchestration'] };

  it('tells the squad and those that the plan names, and leads back to what is not acknowledged', () => {
    expect(dueEscalations('infra-ops', plan, [critical()], hourMs)).toEqual([
      {
        origin: 'escalation:infra-ops:7',
        notification: {
          squads: ['infra-ops', 'policy-orchestration'],
          source: 'notification-feed',
          kind: 'feed.escalated',
          severity: 'critical',
          title: 'Not acknowledged by infra-ops within 15m: Rotation failed',
          body: 'Look',
          link: 'https://console.example.com/rotations/1',
          dedupeKey: 'rotation/1',
          metadata: {
            squad: 'infra-ops',
            position: '7',
            kind: 'rotation.failed',
            source: 'secrets-rotator',
          },
          happenedAt: hourMs,
        },
      },
    ]);
  });

  it('takes criticals whose time is up, those of its kinds only, and none twice over', () => {
    const severities = fc.constantFrom('info', 'warning', 'error', 'critical');
    const kinds = fc.constantFrom(
      'rotation.failed',
      'rotation.late',
      'rotations.failed',
      'drill',
      escalatedKind,
    );
    const found = fc.record({ severity: severities, kind: kinds, storedAt: times, title: fc.string() });
    const wanted = fc.constantFrom<string[] | undefined>(
      undefined,
      ['rotation.*'],
      ['drill', 'rotation.late'],
      ['feed.*'],
    );
    fc.assert(
      fc.property(fc.array(found), wanted, times, (rows, only, now) => {
        const all = rows.map((row, index) => critical({ ...row, position: `${index}` }));
        const due = dueEscalations('infra-ops', { ...plan, ...(only && { kinds: only }) }, all, now);
        const expected = all.filter(({ severity, kind, storedAt }) => {
          const late = now - storedAt - plan.after.ms;
          const meant =
            only === undefined ||
            (only[0] === 'rotation.*' && kind.startsWith('rotation.')) ||
            (only[0] === 'drill' && ['drill', 'rotation.late'].includes(kind));
          return severity === 'critical' && kind !== 'feed.escalated' && late >= 0 && late < dayMs && meant;
        });
        expect(due.map(({ notification }) => notification.metadata['position'])).toEqual(
          expected.map(({ position }) => position),
        );
        for (const { notification } of due) expect(notification.title.length).toBeLessThanOrEqual(300);
      }),
    );
  });
});
