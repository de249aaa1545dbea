import fc from 'fast-check';
import { RefusalLimit } from './audit.js';

it('tells each kind of refusal at once, and again a minute after it was told, never before', () => {
  const refusal = fc.record({
    kind: fc.constantFrom('a', 'b', 'c'),
    waitMs: fc.integer({ min: 0, max: 90_000 }),
  });
  fc.assert(
    fc.property(fc.array(refusal, { maxLength: 60 }), (refusals) => {
      const limit = new RefusalLimit();
      const told = new Map<string, number>();
      let now = 0;
      for (const { kind, waitMs } of refusals) {
        now += waitMs;
        const due = now - (told.get(kind) ?? -Infinity) >= 60_000;
        expect(limit.admit(kind, now)).toBe(due);
        if (due) told.set(kind, now);
      }
    }),
  );
});

it('tells again at once what could not be told', () => {
  const limit = new RefusalLimit();
  expect([limit.admit('a', 0), limit.admit('a', 1)]).toEqual([true, false]);
  limit.forget('a');
  expect(limit.admit('a', 2)).toBe(true);
});
