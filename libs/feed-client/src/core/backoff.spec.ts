import fc from 'fast-check';
import { backoffMs, retryAfterMs } from './backoff.js';

const attempt = { failed: 0, retryMs: undefined, retryAfterMs: undefined, random: 0.999_999 };

describe('backoffMs', () => {
  it('doubles its ceiling from half a second to thirty', () => {
    const ceilings = [0, 1, 2, 3, 6, 7, 500].map((failed) => Math.round(backoffMs({ ...attempt, failed })));
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 30_000, 30_000, 30_000]);
  });

  it('begins where the server wants, within its own bounds', () => {
    const ceilings = [0, 1_000, 100_000].map((retryMs) => Math.round(backoffMs({ ...attempt, retryMs })));
    expect(ceilings).toEqual([500, 1_000, 30_000]);
  });

  it('is never earlier than Retry-After, and always something a timer can wait', () => {
    fc.assert(
      fc.property(
        fc.record({
          failed: fc.nat(),
          retryMs: fc.option(fc.nat(), { nil: undefined }),
          retryAfterMs: fc.nat({ max: 10 ** 13 }),
          random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        }),
        (facts) => {
          const wait = backoffMs(facts);
          expect(wait).toBeGreaterThanOrEqual(Math.min(facts.retryAfterMs, 2 ** 31 - 1));
          expect(wait).toBeLessThanOrEqual(Math.min(facts.retryAfterMs + 30_000, 2 ** 31 - 1));
        },
      ),
    );
  });
});

describe('retryAfterMs', () => {
  const now = Date.UTC(2026, 5, 1, 8);

  it.each([
    [null, undefined],
    ['soon', undefined],
    ['0', 0],
    ['120', 120_000],
    ['Mon, 01 Jun 2026 08:00:30 GMT', 30_000],
    ['Mon, 01 Jun 2026 07:00:00 GMT', 0],
  ])('understands %j', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
