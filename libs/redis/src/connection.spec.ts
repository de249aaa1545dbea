import fc from 'fast-check';
import { reconnectDelay } from './connection.js';

describe('reconnectDelay', () => {
  it('grows from 50 ms to five seconds', () => {
    const steady = (): number => 1;
    expect([1, 2, 3, 8, 9, 1_000].map((attempt) => reconnectDelay(attempt, steady))).toEqual([
      50, 100, 200, 5_000, 5_000, 5_000,
    ]);
  });

  it('always comes, and within five seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delay = reconnectDelay(attempt, () => random);
        expect(delay).toBeGreaterThanOrEqual(25);
        expect(delay).toBeLessThanOrEqual(5_000);
      }),
    );
  });
});
