import fc from 'fast-check';
import { defaultRetries, nextWait, parseRetries, retryAfterMs } from './retry.js';

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;
const retries = parseRetries(defaultRetries) ?? [];

it('tries for more than three days unless told', () => {
  expect(retries).toHaveLength(9);
  expect(retries.slice(0, 4)).toEqual([5_000, 300_000, 1_800_000, 7_200_000]);
  expect(retries.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(3 * day);
});

it('reads waits', () => {
  expect(parseRetries('100ms, 2s,1m')).toEqual([100, 2_000, 60_000]);
  for (const text of ['', '5', '5d', '5s,', '-1s', '1.5s']) expect(parseRetries(text)).toBeUndefined();
});

it('spreads a wait by a fifth, asks for no more attempts than there are waits, and grants what is asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(2 * day),
      (attempt, random, askedMs) => {
        const wait = retries[attempt - 1];
        const next = nextWait(attempt, { retries, askedMs, random });
        if (wait === undefined) {
          expect(next).toBeUndefined();
          return;
        }
        expect(next).toBeGreaterThanOrEqual(Math.max(wait * 0.8, askedMs));
        expect(next).toBeLessThanOrEqual(Math.max(wait * 1.2, askedMs));
      },
    ),
  );
});

it('reads Retry-After as seconds or as a date, within a day', () => {
  expect(retryAfterMs('120', now)).toBe(120_000);
  expect(retryAfterMs(' 0 ', now)).toBe(0);
  expect(retryAfterMs(new Date(now + 90_000).toUTCString(), now)).toBe(90_000);
  expect(retryAfterMs(new Date(now - 90_000).toUTCString(), now)).toBe(0);
  expect(retryAfterMs('9'.repeat(30), now)).toBe(day);
  expect(retryAfterMs('Fri, 31 Dec 9999 23:59:59 GMT', now)).toBe(day);
  for (const text of [undefined, '', 'soon']) expect(retryAfterMs(text, now)).toBe(0);
});
