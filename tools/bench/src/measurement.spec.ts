import fc from 'fast-check';
import { compareRates, compareTimes, median } from './measurement.js';

describe('median', () => {
  it('has as many numbers below as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (numbers) => {
        const middle = median(numbers);
        const below = numbers.filter((one) => one < middle).length;
        const above = numbers.filter((one) => one > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(numbers.length / 2);
      }),
    );
  });

  it('does not exist for nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('compareRates', () => {
  const row = { suite: 's', scenario: 'c', metric: 'rate', unit: '1/s', atLeast: 0.9 };

  it('compares round by round: a slow minute that hits both counts for neither', () => {
    const slowHalf = { subject: [95, 9.5, 95, 9.5], baseline: [100, 10, 100, 10] };
    expect(compareRates(slowHalf, row)).toMatchObject({ ratio: 0.95, holds: true, aim: 'ratio ≥ 0.9' });
  });

  it('does not hold below the aim', () => {
    expect(compareRates({ subject: [89, 89, 300], baseline: [100, 100, 100] }, row)).toMatchObject({
      ratio: 0.89,
      holds: false,
    });
  });
});

describe('compareTimes', () => {
  const row = { suite: 's', scenario: 'c', metric: 'time', unit: 's', atMost: 1.5 };

  it('holds up to the aim', () => {
    expect(compareTimes({ subject: [1.2, 1.4, 9], baseline: [1, 1, 1] }, row)).toMatchObject({
      value: 1.4,
      ratio: 1.4,
      holds: true,
      aim: 'ratio ≤ 1.5',
    });
  });

  it('does not hold above it', () => {
    expect(compareTimes({ subject: [1.6], baseline: [1] }, row)).toMatchObject({ ratio: 1.6, holds: false });
  });
});
