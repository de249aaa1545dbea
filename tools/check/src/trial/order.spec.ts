import { checkOrder } from './order.js';

const handling = (text: string) =>
  text.split(' ').map((one) => ({ key: one.charAt(0), version: Number(one.slice(1)) }));

describe('checkOrder', () => {
  const expected = new Map([
    ['a', 3],
    ['b', 2],
  ]);

  it('accepts a clean run and a redelivery', () => {
    expect(checkOrder(handling('a1 b1 a2 a3 b2'), expected)).toMatchObject({ lost: [], skippedAhead: [] });
    expect(checkOrder(handling('a1 a2 b1 a1 a2 a3 b1 b2'), expected)).toMatchObject({
      lost: [],
      skippedAhead: [],
    });
  });

  it('finds a planted loss, at the end and in the middle', () => {
    expect(checkOrder(handling('a1 a2 b1 b2'), expected).lost).toEqual(['a 3']);
    expect(checkOrder(handling('a1 a3 b1 b2'), expected)).toMatchObject({
      lost: ['a 2'],
      skippedAhead: ['a 3 after 1'],
    });
  });

  it('finds a planted reorder though nothing is lost', () => {
    expect(checkOrder(handling('a1 a3 a2 b1 b2'), expected)).toMatchObject({
      lost: [],
      skippedAhead: ['a 3 after 1'],
    });
  });
});
