import { promise } from '../promise.js';
import { checkDocuments } from './check-documents.js';

const page = (...lines: readonly string[]): string => [promise, '', ...lines].join('\n');

const check = (documents: Readonly<Record<string, string>>, files: readonly string[] = []) =>
  checkDocuments({ documents: new Map(Object.entries(documents)), files }).map(
    ({ file, line, rule }) => `${file}:${line} ${rule}`,
  );

describe('checkDocuments', () => {
  it('accepts pages that link to each other, to files, folders, headings and the web', () => {
    const documents = {
      'README.md': page(
        '# Top',
        '[a](docs/a.md#part-two) [b](docs) [c](./LICENSE) [d](https://example.org/x) [e](#top)',
      ),
      'docs/a.md': page('# A', '## Part two', '[back](../README.md#top) [code](../libs/x/main.ts)'),
    };
    expect(check(documents, ['LICENSE', 'libs/x/main.ts'])).toEqual([]);
  });

  it('wants the promise as the very first line', () => {
    expect(check({ 'a.md': `\n${promise}`, 'b.md': promise.replace('real', 'true'), 'c.md': '' })).toEqual([
      'a.md:1 promise',
      'b.md:1 promise',
      'c.md:1 promise',
    ]);
  });

  it('tells every link that leads nowhere, once per place', () => {
    const text = page('[a](gone.md) [b](b.md#gone)', '[c](/etc/passwd) [d](../../out.md)', '[e]()');
    expect(check({ 'docs/a.md': text, 'docs/b.md': page('# B') })).toEqual([
      'docs/a.md:3 link',
      'docs/a.md:3 link',
      'docs/a.md:4 link',
      'docs/a.md:4 link',
      'docs/a.md:5 link',
    ]);
  });

  it.each([
    'cd /home/ann/soma',
    'see `/Users/bob/x`',
    'C:\\Users\\eve',
    '(/tmp/out.json)',
    'SOMA_HOME=/root/x',
  ])('refuses the path of one machine: %s', (line) =>
    expect(check({ 'a.md': page(line) })).toEqual(['a.md:3 machine-path']),
  );

  it.each([
    '~/.cache/soma',
    '`/v1/stream`',
    'http://127.0.0.1:1/home/x',
    '/var/tmp/soma-1',
    'kafka/work/x',
    '$HOME/tmp/x',
  ])('has nothing against %s', (line) => expect(check({ 'a.md': page(line) })).toEqual([]));

  it.each([
    'https://registry.example.org/zod',
    'http://npm.example.com:4873/',
    'https://repo1.example.org/maven2',
  ])('refuses the address of a package registry: %s', (line) =>
    expect(check({ 'a.md': page(line) })).toEqual(['a.md:3 registry-address']),
  );

  it('has nothing against the schema registry of this machine', () => {
    expect(check({ 'a.md': page('http://127.0.0.1:18081/apis/ccompat/v7') })).toEqual([]);
  });
});
