import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { literal } from './literal.js';

it('means the same as the JSON it was made from', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const back: unknown = runInNewContext(`JSON.stringify((${literal(value)}))`);
      expect(JSON.parse(String(back))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('keeps a member that is called like the prototype', () => {
  expect(literal(JSON.parse('{"__proto__":{"a":2}}'))).toBe(`{ ['__proto__']: { a: 2 } }`);
});

it('breaks lines that are too long, and quotes like the rest of the code', () => {
  expect(literal({ a: "it's", 'b-c': ['x'] })).toBe(`{ a: "it's", 'b-c': ['x'] }`);
  const long = literal({ text: 'word '.repeat(30), list: [1] });
  expect(long.split('\n')).toHaveLength(4);
});
