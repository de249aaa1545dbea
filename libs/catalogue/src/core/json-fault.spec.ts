import fc from 'fast-check';
import { jsonFault } from './json-fault.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

it('agrees with JSON.parse on what is JSON', () => {
  const damaged = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', ':', 'x', '-', '\u00a0', '\u007f', '\u0001', '\t', '\\', '\n'),
    )
    .map(
      ([text, at, put]) =>
        text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1),
    );
  fc.assert(
    fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
      expect(jsonFault(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 3000 },
  );
});

it.each([
  ['{"a": b}', 6, 'a value'],
  ['[1, 2,]', 6, 'a value'],
  ['{"a": 1 "b": 2}', 8, ', or }'],
  ["{'a': 1}", 1, 'a name in double quotes'],
  ['{"a" 1}', 5, ':'],
  ['{} {}', 3, 'the end'],
  ['', 0, 'a value'],
  ['// no\n{}', 0, 'a value'],
])('finds the place in %p', (text, offset, expected) => {
  expect(jsonFault(text)).toEqual({ offset, expected });
});
