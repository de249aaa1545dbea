import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '@soma/catalogue';
import { Repository } from './git-repository.js';
import { avsc, field, spec } from './order-catalogue.js';
import { runSoma } from './run-soma.js';

const yamlFile = 'schemas/infra-ops/orders.created.yaml';
const avscFile = 'schemas/infra-ops/orders.created.avsc';

interface Report {
  readonly ok: boolean;
  readonly topics?: number;
  readonly problems: readonly Problem[];
}

describe('soma schemas check --against', () => {
  const root = mkdtempSync(join(tmpdir(), 'soma-against-'));
  let number = 0;

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const repository = (): Repository => {
    const made = new Repository(join(root, String((number += 1))));
    made.write(yamlFile, spec());
    return made;
  };

  const check = async ({ root: cwd }: Repository, ref: string): Promise<Report> => {
    const { code, out } = await runSoma(cwd, ['schemas', 'check', '--against', ref, '--format', 'json']);
    const report = JSON.parse(out) as Report;
    expect(code).toBe(report.ok ? 0 : 1);
    return report;
  };

  it('compares the working tree with every version of the file up to the ref, and with none beside it', async () => {
    const repo = repository();
    repo.write(avscFile, avsc(field('amount', 'int', { default: 0 })));
    const first = repo.commit('int');
    repo.write(avscFile, avsc());
    const second = repo.commit('none');
    repo.git('switch', '--quiet', '-c', 'topic');
    repo.write(avscFile, avsc(field('amount', 'boolean', { default: true })));
    repo.commit('a try that main never saw');
    repo.write(avscFile, avsc(field('amount', 'string', { default: '' })));

    const { ok, problems } = await check(repo, 'main');
    expect(ok).toBe(false);
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([
      expect.objectContaining({
        file: avscFile,
        path: 'amount',
        line: 14,
        topic: 'orders.created',
        consumers: [{ service: 'ledger', squad: 'identity-settings' }],
        message: expect.stringMatching(
          new RegExp(`changed from int to string: readers of the new schema .*\\(commit ${first}\\)`),
        ) as string,
      }),
      expect.objectContaining({
        message: expect.stringMatching(/readers of an older schema cannot read new events/) as string,
      }),
    ]);
    expect(JSON.stringify(problems)).not.toContain(second);
    expect((await check(repo, first)).problems).toHaveLength(2);

    repo.write(yamlFile, spec({ level: 'FULL' }));
    const weaker = await check(repo, 'main');
    expect(weaker.ok).toBe(true);
    expect(weaker.problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'note: the field amount was added, with the default ""; read by ledger (identity-settings)',
      'warning: FULL protects less than FULL_TRANSITIVE, which is in force; the consumers are ledger (identity-settings)',
    ]);
  });

  it('follows a file that was renamed, but not to the file that it was copied from', async () => {
    const repo = repository();
    repo.write(avscFile, avsc(field('amount', 'int', { default: 0 })));
    const first = repo.commit('first');
    repo.git('mv', avscFile, 'schemas/infra-ops/orders.avsc');
    repo.write(yamlFile, spec().replace('file: orders.created.avsc', 'file: orders.avsc'));
    repo.commit('rename');
    repo.write('schemas/infra-ops/orders.avsc', avsc());
    repo.write('schemas/infra-ops/orders.copied.yaml', spec({ topic: 'orders.copied' }));
    repo.write(
      'schemas/infra-ops/orders.copied.avsc',
      avsc(field('amount', 'int', { default: 0 })).replace('OrderCreated', 'OrderCopied'),
    );
    repo.commit('copy');
    repo.write('schemas/infra-ops/orders.avsc', avsc(field('amount', 'string', { default: '' })));
    repo.write('schemas/infra-ops/orders.copied.avsc', avsc().replace('OrderCreated', 'OrderCopied'));
    const { problems } = await check(repo, 'HEAD');
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ topic }) => topic)).toEqual(['orders.created', 'orders.created']);
    expect(errors[0]?.message).toContain(first);
  });

  it('sees versions that came by a merge, and names what is gone', async () => {
    const repo = repository();
    repo.write(avscFile, avsc());
    repo.commit('base');
    repo.git('switch', '--quiet', '-c', 'side');
    repo.write(avscFile, avsc(field('amount', 'int', { default: 0 })));
    const side = repo.commit('side');
    repo.git('switch', '--quiet', 'main');
    repo.write('README.md', 'Main goes on.\n');
    repo.commit('main');
    repo.git('merge', '--quiet', '--no-edit', 'side');
    repo.write(avscFile, avsc(field('amount', 'string', { default: '' })));
    expect((await check(repo, 'main')).problems[0]?.message).toContain(side);

    repo.remove(avscFile);
    repo.remove(yamlFile);
    repo.write('schemas/infra-ops/other.yaml', spec({ topic: 'other' }));
    repo.write('schemas/infra-ops/other.avsc', avsc().replace('OrderCreated', 'Other'));
    expect((await check(repo, 'main')).problems).toMatchObject([
      {
        file: yamlFile,
        severity: 'error',
        message: 'the topic orders.created was removed, but has the consumers ledger (identity-settings)',
      },
    ]);
  });

  it('takes every version of a type that the schema refers to', async () => {
    const name = 'com.somastack.infra_ops.Money';
    const money = (type: string): string =>
      `${JSON.stringify({ type: 'record', name, doc: 'An amount.', fields: [field('micros', type, { default: 0 })] }, null, 2)}\n`;
    const moneyFile = 'schemas/infra-ops/money.avsc';
    const repo = repository();
    repo.write(yamlFile, spec({ schema: `  references: [{ name: ${name}, file: money.avsc }]\n` }));
    repo.write(avscFile, avsc(field('price', 'Money')));
    repo.write(moneyFile, money('int'));
    const first = repo.commit('int');
    expect((await check(repo, 'HEAD')).problems).toEqual([]);
    repo.write(moneyFile, money('long'));
    repo.commit('long');
    repo.write(moneyFile, money('float'));
    const { problems } = await check(repo, 'HEAD');
    const labels = problems.flatMap(({ severity, path, message }) =>
      severity === 'error' ? [`${path} ${message.slice(0, 45)} ${/\((.*?)\)/.exec(message)?.[1]}`] : [],
    );
    expect(labels).toEqual([
      expect.stringContaining(`the type changed from int to float`) as string,
      expect.stringContaining(`the type changed from long to float`) as string,
    ]);
    expect(labels[0]).toContain(first);
  });

  it('annotates a pull request', async () => {
    const repo = repository();
    repo.write(avscFile, avsc(field('amount', 'int')));
    repo.commit('first');
    repo.write(avscFile, avsc());
    const { code, out } = await runSoma(repo.root, [
      'schemas',
      'check',
      '--against',
      'HEAD',
      '--format',
      'github',
    ]);
    expect(code).toBe(1);
    expect(out.split('\n')[0]).toMatch(
      /^::error file=schemas\/infra-ops\/orders\.created\.avsc,line=6,col=13,title=orders\.created amount::the field amount was removed, and had no default: .*%0Aallowed: /,
    );
    expect(out.trim().split('\n').at(-1)).toBe('schemas against HEAD: 1 error');
  });

  it('exits with 2 and says why for a ref that is none, and outside of a repository', async () => {
    const repo = repository();
    repo.write(avscFile, avsc());
    repo.commit('first');
    for (const ref of ['origin/main', 'HEAD~9', 'main:schemas', '--output=here', ''])
      expect(await runSoma(repo.root, ['schemas', 'check', `--against=${ref}`])).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(
          /^soma: --against .*: (there is no such|no name of a) branch, tag or commit/,
        ) as string,
      });
    const outside = new Repository(join(root, 'outside'));
    outside.write(yamlFile, spec());
    outside.write(avscFile, avsc());
    rmSync(join(outside.root, '.git'), { recursive: true });
    expect(await runSoma(outside.root, ['schemas', 'check', '--against', 'main'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('is in no git repository') as string,
    });
    expect(
      await runSoma(repo.root, ['schemas', 'check', '--against', 'main', '--registry', 'http://127.0.0.1:9']),
    ).toMatchObject({ code: 2 });
    expect(await runSoma(repo.root, ['schemas', 'check', '--format', 'xml'])).toMatchObject({ code: 2 });
  });

  it('warns of a spec that could not be read at the ref', async () => {
    const repo = repository();
    repo.write(avscFile, avsc());
    repo.write(yamlFile, `${spec()}colour: blue\n`);
    repo.commit('first');
    repo.write(yamlFile, spec());
    expect(await check(repo, 'HEAD')).toMatchObject({
      ok: true,
      problems: [
        { file: yamlFile, severity: 'warning', message: expect.stringContaining('not compared') as string },
      ],
    });
  });

  it('warns where the clone has not all commits', async () => {
    const repo = repository();
    repo.write(avscFile, avsc());
    repo.commit('first');
    repo.write('README.md', 'Second.\n');
    repo.commit('second');
    const clone = new Repository(join(root, 'clone'));
    clone.git('fetch', '--quiet', '--depth=1', `file://${repo.root}`, 'main');
    clone.git('checkout', '--quiet', 'FETCH_HEAD');
    expect(await check(clone, 'HEAD')).toMatchObject({
      ok: true,
      problems: [{ severity: 'warning', message: expect.stringContaining('has not all commits') as string }],
    });
  });
});
