import fc from 'fast-check';
import { anchors, fencedBlocks, links } from './markdown.js';

describe('fencedBlocks', () => {
  it('gives language, line and text, also inside of a list and with a longer fence', () => {
    const page = [
      'text',
      '```sh',
      'one',
      '',
      'two',
      '```',
      '- item',
      '',
      '  ~~~~yaml title="x"',
      '  a: 1',
      '  ~~~',
      '    b: 2',
      '  ~~~~',
    ];
    expect(fencedBlocks(page.join('\n'))).toEqual([
      { language: 'sh', line: 3, text: 'one\n\ntwo' },
      { language: 'yaml', line: 10, text: 'a: 1\n~~~\n  b: 2' },
    ]);
  });

  it('lets a fence that is never closed reach to the end', () => {
    expect(fencedBlocks('```\na\nb')).toEqual([{ language: '', line: 2, text: 'a\nb' }]);
  });

  it('gives back any text that was put into a fence longer than all of its own', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '`', '~', ' ', '#') })), (lines) => {
        const text = lines.join('\n');
        const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
        const blocks = fencedBlocks(`before\n${fence}sh\n${text}\n${fence}\nafter`);
        expect(blocks).toEqual([{ language: 'sh', line: 3, text }]);
      }),
    ));
});

describe('links', () => {
  it('finds inline links, images and definitions, and none in code', () => {
    const page = [
      '[a](x.md "title") ![b](<y z.png>)',
      '`[c](no.md)` and [d](e_(f).md#g)',
      '```',
      '[h](no.md)',
      '```',
      '[i]: z.md',
    ];
    expect(links(page.join('\n'))).toEqual([
      { target: 'x.md', line: 1 },
      { target: 'e_(f).md#g', line: 2 },
      { target: 'z.md', line: 6 },
    ]);
  });
});

describe('anchors', () => {
  it('names headings as a forge does, repeated ones with a number', () => {
    const page = '# A `soma up`, twice!\n## Plan\n### Plan\n```sh\n# no heading\n```\n## [Link](x.md) & more';
    expect([...anchors(page)]).toEqual(['a-soma-up-twice', 'plan', 'plan-1', 'link--more']);
  });
});
