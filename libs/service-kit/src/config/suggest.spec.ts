import fc from 'fast-check';
import { closest, editDistance } from './suggest.js';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['SOMA_POSTGRES_URL', 'SOMA_POSTGRE_URL', 1],
  ])('%s to %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is a metric', () => {
    const text = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

it('suggests the closest name, and none that is far', () => {
  expect(closest('SOMA_REDIS_URL', ['SOMA_REDIS_ULR', 'SOMA_REDIS_U'])).toBe('SOMA_REDIS_ULR');
  expect(closest('SOMA_REDIS_URL', ['soma_redis_url'])).toBe('soma_redis_url');
  expect(closest('SOMA_REDIS_URL', ['SOMA_KAFKA_BROKERS'])).toBeUndefined();
});
