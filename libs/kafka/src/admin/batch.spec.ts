import fc from 'fast-check';
import { batchByCost, batchByCount } from './batch.js';

const costs = fc.array(fc.nat({ max: 30 }), { maxLength: 200 });
const limits = fc.record({ items: fc.integer({ min: 1, max: 20 }), cost: fc.integer({ min: 1, max: 40 }) });
const same = (cost: number) => cost;
const sum = (batch: readonly number[]) => batch.reduce((total, cost) => total + cost, 0);

describe('batchByCost', () => {
  it('loses, repeats and reorders nothing', () => {
    fc.assert(
      fc.property(costs, limits, (items, limit) => {
        expect(batchByCost(items, same, limit).flat()).toEqual(items);
      }),
    );
  });

  it('keeps both limits, unless one item breaks the limit by itself', () => {
    fc.assert(
      fc.property(costs, limits, (items, limit) => {
        for (const batch of batchByCost(items, same, limit)) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(limit.items);
          if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(limit.cost);
        }
      }),
    );
  });

  it('begins a batch only when the next item has no room in the one before', () => {
    fc.assert(
      fc.property(costs, limits, (items, limit) => {
        const batches = batchByCost(items, same, limit);
        batches.slice(1).forEach((batch, index) => {
          const before = batches[index] as number[];
          const full = before.length === limit.items || sum(before) + (batch[0] as number) > limit.cost;
          expect(full).toBe(true);
        });
      }),
    );
  });

  it('gives an item beyond the limit a batch of its own', () => {
    expect(batchByCost([1, 99, 1], same, { items: 10, cost: 10 })).toEqual([[1], [99], [1]]);
  });

  it('splits by number alone', () => {
    expect(batchByCount([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(batchByCount([], 2)).toEqual([]);
  });
});
