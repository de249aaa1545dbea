import fc from 'fast-check';
import { Progress } from './progress.js';

describe('Progress', () => {
  it('advances over the records that are done without a hole, whatever their order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.infiniteStream(fc.nat()), (size, randoms) => {
        const order = Array.from({ length: size }, (_, index) => ({ index, rank: randoms.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ index }) => index);
        const progress = new Progress(size);
        const done = new Set<number>();
        let committed = -1;
        for (const index of order) {
          progress.done(index);
          done.add(index);
          committed = progress.advance() ?? committed;
          const firstHole = Array.from({ length: size + 1 }, (_, i) => i).find((i) => !done.has(i)) ?? size;
          expect(committed).toBe(firstHole - 1);
        }
        expect(progress.complete).toBe(true);
      }),
    );
  });

  it('tells each advance once', () => {
    const progress = new Progress(2);
    progress.done(0);
    expect(progress.advance()).toBe(0);
    expect(progress.advance()).toBeUndefined();
  });
});
