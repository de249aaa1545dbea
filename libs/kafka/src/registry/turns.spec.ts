import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { Turns } from './turns.js';

describe('Turns', () => {
  it('runs every call in its order, never more than the limit at once, also when calls fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ ticks: fc.nat({ max: 3 }), fails: fc.boolean() }), { maxLength: 20 }),
        async (limit, calls) => {
          const turns = new Turns(limit);
          const begun: number[] = [];
          let running = 0;
          const outcomes = await Promise.allSettled(
            calls.map(({ ticks, fails }, index) =>
              turns.take(async () => {
                begun.push(index);
                running += 1;
                expect(running).toBeLessThanOrEqual(limit);
                for (let tick = 0; tick < ticks; tick += 1) await setImmediate();
                running -= 1;
                if (fails) throw new Error('refused');
              }),
            ),
          );
          expect(begun).toEqual(calls.map((_, index) => index));
          expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(
            calls.map(({ fails }) => fails),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
