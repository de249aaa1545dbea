import fc from 'fast-check';
import { parseEnv, readPlatformEnv, renderEnv } from './env-file.js';

test('variables survive the file, whatever their values hold', () => {
  const name = fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/);
  const value = fc.string().filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(fc.dictionary(name, value), (vars) => expect(parseEnv(renderEnv(vars))).toEqual({ ...vars })),
  );
});

test('comments and empty lines say nothing', () => {
  expect(parseEnv('# a=b\n\nc=d=e\n')).toEqual({ c: 'd=e' });
});

test('without a platform the way to start one is named', () => {
  expect(() => readPlatformEnv('/no/such/home')).toThrow('npx soma up');
});
