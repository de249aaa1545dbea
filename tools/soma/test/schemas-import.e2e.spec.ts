import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SchemaRegistry } from '@soma/kafka';
import { platform } from '@soma/testing';
import { avsc, field } from './order-catalogue.js';
import { runSoma } from './run-soma.js';

describe('soma schemas import', () => {
  const root = mkdtempSync(join(tmpdir(), 'soma-import-'));
  const topic = `import-${randomUUID()}`;
  const { home, registryUrl } = platform();
  const registry = new SchemaRegistry({ url: registryUrl });

  afterAll(async () => {
    await registry.deleteSubject(`${topic}-value`);
    rmSync(root, { recursive: true, force: true });
  });

  const write = (path: string, content: string | Uint8Array): string => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
    return path;
  };
  const run = (...args: string[]) => runSoma(root, ['schemas', ...args], { SOMA_HOME: home });

  it('keeps every byte, so that the registry has what the catalogue says', async () => {
    // Tabs, escapes and another order of the attributes than this project's.
    const text = avsc(field('amount', 'long', { default: 0 }), field('label', 'string', { 'x-unit': '1/m²' }))
      .replaceAll('  ', '\t')
      .replace('²', String.raw`\u00b2`);
    const file = write('old/order.avsc', text);
    await registry.register(`${topic}-value`, text);

    const done = await run('import', file, '--topic', topic, '--squad', 'infra-ops');
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).toContain(`wrote schemas/infra-ops/${topic}.yaml`);
    expect(done.out).toContain('to fill in:');
    expect(readFileSync(join(root, `schemas/infra-ops/${topic}.avsc`), 'utf8')).toBe(text);

    const checked = await run('check', '--registry', registryUrl, '--json');
    expect(JSON.parse(checked.out)).toMatchObject({ ok: true, problems: [] });
    expect(await registry.versions(`${topic}-value`)).toEqual([1]);
  });

  it('overwrites nothing', async () => {
    const file = write('old/other.avsc', avsc());
    const before = readFileSync(join(root, `schemas/infra-ops/${topic}.yaml`), 'utf8');
    expect(await run('import', file, '--topic', topic, '--squad', 'infra-ops')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`infra-ops/${topic}.yaml:1:1 — is there already`) as string,
    });
    expect(readFileSync(join(root, `schemas/infra-ops/${topic}.yaml`), 'utf8')).toBe(before);
  });

  it('says what to fill in, by file and line', async () => {
    const bare = write(
      'old/bare.avsc',
      '{"type":"record","name":"Bare","fields":[{"name":"email","type":"string"}]}',
    );
    const { code, out } = await run('import', bare, '--topic', 'bare', '--squad', 'ui-experience', '--json');
    expect(code).toBe(0);
    const { files, todo } = JSON.parse(out) as {
      files: string[];
      todo: { file: string; line: number; message: string }[];
    };
    expect(files).toEqual(['schemas/ui-experience/bare.yaml', 'schemas/ui-experience/bare.avsc']);
    expect(todo).toContainEqual(
      expect.objectContaining({
        file: 'schemas/ui-experience/bare.avsc',
        line: 1,
        message: 'the field email has no doc',
      }),
    );
  });

  it.each([
    ['a squad that is none', ['old/bare.avsc', '--topic', 'x', '--squad', 'moon'], 1, 'moon is no squad'],
    [
      'a file that is not there',
      ['old/none.avsc', '--topic', 'x', '--squad', 'infra-ops'],
      2,
      'cannot be read',
    ],
    ['a file that is no UTF-8', ['old/latin.avsc', '--topic', 'x', '--squad', 'infra-ops'], 1, 'is no UTF-8'],
    ['no topic', ['old/bare.avsc', '--squad', 'infra-ops'], 2, '--topic'],
  ])('refuses %s', async (_, args, code, message) => {
    write('old/latin.avsc', Uint8Array.from([0x22, 0xe9, 0x22]));
    const ended = await run('import', ...args);
    expect(ended).toMatchObject({ code, err: expect.stringContaining(message) as string });
    expect(existsSync(join(root, 'schemas/infra-ops/x.yaml'))).toBe(false);
  });
});
