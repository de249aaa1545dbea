import fc from 'fast-check';
import { laidOut, sameSchema } from './schema-text.js';

describe('laidOut', () => {
  it('says the same as the text, one member a line', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(JSON.stringify(JSON.parse(laidOut(json)))).toBe(JSON.stringify(JSON.parse(json)));
        expect(sameSchema(laidOut(json), json)).toBe(true);
      }),
    );
  });

  it('lays out what JSON.stringify lays out in the same way', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(laidOut(JSON.stringify(value))).toBe(`${JSON.stringify(value, null, 2)}\n`);
      }),
    );
  });

  it('keeps numbers as they were written', () => {
    expect(laidOut('{"a":1.0,"b":[9223372036854775807]}')).toBe(
      '{\n  "a": 1.0,\n  "b": [\n    9223372036854775807\n  ]\n}\n',
    );
  });
});

it('takes texts for one schema whatever their spaces and the order of members, and nothing for JSON', () => {
  expect(sameSchema('{"type": "record", "name": "A"}', '{"name":"A","type":"record"}')).toBe(true);
  expect(sameSchema('{"name":"A"}', '{"name":"B"}')).toBe(false);
  expect(sameSchema('["null","int"]', '["int","null"]')).toBe(false);
  expect(sameSchema('no', 'no')).toBe(false);
});
