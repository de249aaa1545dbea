import fc from 'fast-check';
import { requestsOf } from './publish.js';

it('spreads notifications over requests that the feed takes, in their order', () => {
  const body = fc.integer({ min: 0, max: 20_000 }).map((length) => 'ä'.repeat(length));
  fc.assert(
    fc.property(fc.array(body, { maxLength: 1_200 }), (bodies) => {
      const items = bodies.map((text, index) => ({ index, body: text }));
      const requests = requestsOf(items);
      expect(requests.flat()).toEqual(items);
      for (const request of requests) {
        expect(request.length).toBeLessThanOrEqual(500);
        expect(Buffer.byteLength(JSON.stringify(request))).toBeLessThanOrEqual(1_048_576);
      }
    }),
    { numRuns: 20 },
  );
});
