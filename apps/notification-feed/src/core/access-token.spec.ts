import fc from 'fast-check';
import { isTokenText, tokenBytes, tokenText } from './access-token.js';

it('knows the tokens that it makes, and nothing that is longer, shorter or named otherwise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: tokenBytes, maxLength: tokenBytes }), (random) => {
      const text = tokenText(random);
      expect(isTokenText(text)).toBe(true);
      expect(Buffer.from(text.slice('feed_'.length), 'base64url')).toEqual(Buffer.from(random));
      for (const other of [text.slice(1), text.slice(0, -1), `${text}A`, `${text}\n`, text.replace('_', '-')])
        expect(isTokenText(other)).toBe(false);
    }),
  );
});
