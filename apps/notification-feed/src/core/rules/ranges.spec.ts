import fc from 'fast-check';
import { includes, type Ranges, withOffset } from './ranges.js';

const of = (offsets: readonly bigint[]): Ranges =>
  offsets.reduce<Ranges>((ranges, offset) => withOffset(ranges, offset), []);

it('knows exactly the offsets that it was told, in whatever order and however often', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 60n })), (offsets) => {
      const ranges = of(offsets);
      for (let offset = 0n; offset <= 61n; offset += 1n)
        expect(includes(ranges, offset)).toBe(offsets.includes(offset));
      ranges.forEach(([from, to], index) => {
        expect(from).toBeLessThan(to);
        expect((ranges[index - 1]?.[1] ?? -1n) < from).toBe(true);
      });
    }),
  );
});

it('is one range where nothing is missing, also at the largest offset', () => {
  expect(of([3n, 1n, 2n, 4n])).toEqual([[1n, 5n]]);
  expect(of([2n ** 63n - 2n])).toEqual([[2n ** 63n - 2n, 2n ** 63n - 1n]]);
});

it('gives up its oldest gaps beyond a thousand', () => {
  const ranges = of(Array.from({ length: 1_010 }, (_, index) => BigInt(index) * 2n));
  expect(ranges).toHaveLength(1_000);
  expect(includes(ranges, 3n)).toBe(true);
  expect(includes(ranges, 2_001n)).toBe(false);
});
