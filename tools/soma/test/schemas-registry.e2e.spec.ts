import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@soma/catalogue';
import { SchemaRegistry } from '@soma/kafka';
import { platform } from '@soma/testing';
import { avsc, field, spec } from './order-catalogue.js';
import { runSoma } from './run-soma.js';

describe('soma schemas check --registry', () => {
  const { env, home } = platform();
  const url = env['SOMA_REGISTRY_URL'] ?? '';
  const registry = new SchemaRegistry({ url });
  const root = mkdtempSync(join(tmpdir(), 'soma-registry-'));
  const subject = `check-${randomUUID()}`;
  const directory = join(root, 'schemas');

  const write = (yaml: string, schema: string): void => {
    mkdirSync(join(directory, 'infra-ops'), { recursive: true });
    writeFileSync(join(directory, 'infra-ops', 'orders.created.yaml'), yaml);
    writeFileSync(join(directory, 'infra-ops', 'orders.created.avsc'), schema);
  };

  const check = async (...args: string[]): Promise<readonly Problem[]> => {
    const { out } = await runSoma(root, ['schemas', 'check', '--json', ...args], { SOMA_HOME: home });
    return (JSON.parse(out) as { problems: readonly Problem[] }).problems;
  };

  beforeAll(async () => {
    await registry.register(subject, avsc(field('amount', 'int', { default: 0 })));
    await registry.register(subject, avsc());
    await registry.setLevel(subject, 'FULL_TRANSITIVE');
  });

  afterAll(async () => {
    await registry.deleteSubject(subject);
    rmSync(root, { recursive: true, force: true });
  });

  it('holds a schema against every version that its level demands', async () => {
    const text = avsc(field('amount', 'string', { default: '' }));
    write(spec({ subject }), text);
    const found = await check('--registry');
    expect(found.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([
      expect.stringMatching(/from int to string: readers of the new schema .* \(version 1\)/),
      expect.stringMatching(/from int to string: readers of an older schema .* \(version 1\)/),
    ]);
    // The registry says the same of each version.
    expect(await registry.compatible(subject, 1, text)).toBe(false);
    expect(await registry.compatible(subject, 2, text)).toBe(true);

    write(spec({ subject, level: 'FULL' }), text);
    expect((await check('--registry', url)).map(({ severity }) => severity)).toEqual(['note', 'warning']);
  });

  it('has nothing to say about a version that is registered, and about a subject that is new', async () => {
    write(spec({ subject }), avsc());
    expect(await check('--registry', url)).toEqual([]);
    write(spec({ subject: `${subject}-new` }), avsc());
    expect(await check('--registry', url)).toEqual([]);
  });

  it('holds a schema against the versions of its aliases, too', async () => {
    const schema = `  aliases: [${subject}]\n`;
    write(spec({ subject: `${subject}-new`, schema }), avsc(field('amount', 'string', { default: '' })));
    expect((await check('--registry', url)).map(({ message }) => message)).toEqual([
      expect.stringContaining(`from int to string: readers of the new`) as string,
      expect.stringContaining(`(version 1 of ${subject})`) as string,
    ]);
  });

  it('resolves types of other subjects on both sides', async () => {
    const name = 'com.somastack.infra_ops.Money';
    const text = (type: string) =>
      JSON.stringify({
        type: 'record',
        name,
        doc: 'An amount.',
        fields: [field('micros', type)],
      });
    const own = `${subject}-whole`;
    const money = `${subject}-money`;
    await registry.register(money, text('long'));
    await registry.register(own, avsc(field('price', name)), [{ name, subject: money, version: 1 }]);
    try {
      const references = `  references: [{ name: ${name}, file: money.avsc, subject: ${money} }]\n`;
      write(spec({ subject: own, schema: references }), avsc(field('price', 'Money')));
      writeFileSync(join(directory, 'infra-ops', 'money.avsc'), text('long'));
      expect(await check('--registry', url)).toEqual([]);
      writeFileSync(join(directory, 'infra-ops', 'money.avsc'), text('int'));
      expect(await check('--registry', url)).toMatchObject([
        {
          path: 'price.micros',
          severity: 'error',
          message: expect.stringContaining('from long to int') as string,
        },
      ]);
    } finally {
      rmSync(join(directory, 'infra-ops', 'money.avsc'), { force: true });
      await registry.deleteSubject(own);
      await registry.deleteSubject(money);
    }
  });

  it('exits with 2 for what is no URL, and with 1 for a registry that does not answer', async () => {
    write(spec({ subject }), avsc());
    expect(await runSoma(root, ['schemas', 'check', '--registry', 'schemas'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no URL') as string,
    });
    expect(await runSoma(root, ['schemas', 'check', '--registry', 'http://127.0.0.1:9'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('schema registry GET') as string,
    });
  });
});
