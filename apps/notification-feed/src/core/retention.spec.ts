import fc from 'fast-check';
import { beforeWeekOf, expired, lastOf, type Partition, weekBegins, weekMs } from './retention.js';

const severities = ['info', 'warning', 'error', 'critical'] as const;
const retention = { info: 30, warning: 90, error: 180, critical: 400 } as const;
const ms = Object.fromEntries(
  severities.map((severity) => [severity, retention[severity] * 86_400_000]),
) as Record<(typeof severities)[number], number>;
const partition = fc.record({
  week: fc.integer({ min: 1, max: 4_000 }),
  severity: fc.constantFrom(...severities),
});

it('keeps what was stored within its retention, and a week longer at most', () => {
  fc.assert(
    fc.property(
      partition,
      fc.integer({ min: 0, max: weekMs - 1 }),
      fc.nat(5_000 * weekMs),
      (one, into, now) => {
        const storedAt = one.week * weekMs + into;
        const gone = expired([one], { retention: ms, now, weekZeroEnded: 0 }).length > 0;
        const age = now - storedAt;
        if (age < ms[one.severity]) expect(gone).toBe(false);
        if (age >= ms[one.severity] + weekMs) expect(gone).toBe(true);
      },
    ),
  );
});

it('takes what was stored before positions had weeks for as old as the first week', () => {
  const old: Partition = { week: 0, severity: 'info' };
  expect(expired([old], { retention: ms, now: 1_000 + ms.info - 1, weekZeroEnded: 1_000 })).toEqual([]);
  expect(expired([old], { retention: ms, now: 1_000 + ms.info, weekZeroEnded: 1_000 })).toEqual([old]);
});

it('has positions below 2^53 for more than a hundred years, and every moment in its own week', () => {
  expect(weekBegins(Math.floor(Date.UTC(2126, 0, 1) / weekMs)) < 2n ** 53n).toBe(true);
  fc.assert(
    fc.property(fc.nat(4_000 * weekMs), (at) => {
      const week = Math.floor(at / weekMs);
      expect(beforeWeekOf(at) + 1n).toBe(weekBegins(week));
      expect(lastOf({ week, severity: 'info' }) >= weekBegins(week)).toBe(true);
    }),
  );
});
