import fc from 'fast-check';
import { retryDelay } from './retry.js';

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe('retryDelay', () => {
  it('stays between half of the doubled delay and the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), unit, (attempt, random) => {
        const delay = retryDelay(attempt, { attempts: 5, initialMs: 100, maxMs: 5_000 }, random);
        const ceiling = Math.min(5_000, 100 * 2 ** Math.min(attempt - 1, 30));
        expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
        expect(delay).toBeLessThanOrEqual(ceiling);
      }),
    );
  });
});
