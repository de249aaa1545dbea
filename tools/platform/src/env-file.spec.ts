import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { overPlatformEnv, parseEnv, readPlatformEnv, renderEnv } from './env-file.js';

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

test('the environment wins over the file, also when it names a file', () => {
  const home = mkdtempSync(join(tmpdir(), 'soma-env-'));
  try {
    expect(overPlatformEnv(home, { A: '1' })).toEqual({ A: '1' });
    writeFileSync(join(home, 'platform.env'), 'A=file\nB=file\nC=file\n');
    const seen = overPlatformEnv(home, { A: 'own', B_FILE: '/run/b' });
    expect(seen).toEqual({ A: 'own', B_FILE: '/run/b', C: 'file' });
  } finally {
    rmSync(home, { recursive: true });
  }
});
