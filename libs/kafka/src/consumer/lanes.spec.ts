import fc from 'fast-check';
import { spread } from './lanes.js';

const keys = fc.array(fc.option(fc.string({ maxLength: 3 }).map((text) => Buffer.from(text))), {
  maxLength: 200,
});

describe('spread', () => {
  it('puts every record into exactly one lane and each key into one lane in order', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 16 }), (batch, lanes) => {
        const buckets = spread(batch, lanes);
        expect(buckets.flat().sort((a, b) => a - b)).toEqual(batch.map((_, index) => index));
        expect(buckets.length).toBeLessThanOrEqual(lanes);
        const laneOf = new Map<string, number>();
        buckets.forEach((bucket, lane) => {
          expect(bucket).toEqual([...bucket].sort((a, b) => a - b));
          for (const index of bucket) {
            const key = batch[index]?.toString('hex') ?? 'no key';
            expect(laneOf.get(key) ?? lane).toBe(lane);
            laneOf.set(key, lane);
          }
        });
      }),
    );
  });

  it('uses all lanes for many keys', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => Buffer.from(`tenant-${index}`));
    expect(spread(many, 8)).toHaveLength(8);
  });
});
