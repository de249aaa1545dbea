import fc from 'fast-check';
import { parseTemplate } from './template.js';
import { bodyText, linkText, titleText } from './text.js';

const value = (of: unknown) => [{ value: of }];

describe('a template', () => {
  it('is split into text and expressions with their places', () => {
    expect(parseTemplate('a {{ event.x }}{{"}}" + \'"}}\'}} b')).toEqual({
      ok: true,
      parts: ['a ', { source: 'event.x', offset: 5 }, { source: '"}}" + \'"}}\'', offset: 17 }, ' b'],
    });
    expect(parseTemplate('')).toEqual({ ok: true, parts: [] });
  });

  it.each([
    ['a {{ b', 2, '{{ is not closed'],
    ['a {{ "}} ', 2, '{{ is not closed'],
    ['{{  }}', 0, '{{ }} is empty'],
  ])('refuses %j', (text, offset, message) => {
    expect(parseTemplate(text)).toMatchObject({ ok: false, offset, message });
  });
});

describe('what a template becomes', () => {
  it('writes each kind of value', () => {
    const write = (of: unknown) => titleText(value(of));
    expect(write(2n ** 70n)).toBe('1180591620717411303424');
    expect(write(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(write(['a', 1n, null, true])).toBe('a, 1, , true');
    expect(write(null)).toBe('');
    expect(write(0.5)).toBe('0.5');
    expect(write({ a: 1n })).toBe('{"a":"1"}');
  });

  it('has one line and at most 200 characters as a title, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        const title = titleText(['Tenant ', { value: text }, ' '.repeat(3)]);
        expect(title.length).toBeLessThanOrEqual(200);
        // eslint-disable-next-line no-control-regex
        expect(title).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      }),
    );
  });

  it('has at most 4000 characters as a body, of which no value makes Markdown or a line', () => {
    const body = bodyText(['*A*\n', { value: '[x](https://evil.example) <b>`\n# big' }]);
    expect(body).toBe('*A*\n\\[x\\](https://evil.example) \\<b\\>\\` \\# big');
    expect(bodyText(Array.from({ length: 20 }, () => ({ value: 'x'.repeat(1_000) }))).length).toBe(4_000);
  });

  it('cuts between characters', () => {
    expect(titleText([`${'x'.repeat(198)}😀😀`])).toBe(`${'x'.repeat(198)}…`);
  });

  it('encodes what stands in a link, and is none where it would be no URL', () => {
    expect(linkText(['https://console.example.com/', { value: '../../x?y=1&z#\ud800' }])).toBe(
      'https://console.example.com/..%2F..%2Fx%3Fy%3D1%26z%23%EF%BF%BD',
    );
    expect(linkText([{ value: 'x' }])).toBeNull();
  });
});
