import { generateEvent } from '@soma/catalogue';
import { fieldPaths } from '@soma/contracts';
import { shippedCatalogue } from '../../test/catalogue.js';
import { contractsPage } from './contracts-page.js';
import { table } from './table.js';

it('starts with the promise and tells of every topic, field and service', async () => {
  const catalogue = await shippedCatalogue();
  const page = contractsPage(catalogue);
  expect(page.split('\n')[0]).toBe(
    '> Nothing in this project is mocked or imitated: every server is real, every number was measured, every claim can be run.',
  );
  for (const topic of catalogue.topics) {
    const section = page.slice(page.indexOf(`\n## ${topic.spec.topic}\n`)).split('\n## ')[1] ?? '';
    for (const { path, field } of topic.annotated ? fieldPaths(topic.annotated) : []) {
      expect(section).toContain(`| \`${path}\` |`);
      expect(section).toContain(field.doc);
    }
    for (const { service } of [...topic.spec.producers, ...topic.spec.consumers])
      expect(section).toContain(`\`${service}\``);
    const json = /```json\n([^]*?)\n```/.exec(section)?.[1] ?? '';
    expect(JSON.parse(json)).toEqual(generateEvent(topic, 1, 0)?.value);
  }
});

it('links to sections that are there', async () => {
  const page = contractsPage(await shippedCatalogue());
  const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) =>
    (title ?? '')
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links).toHaveLength(8);
  expect(anchors).toEqual(expect.arrayContaining(links));
});

it('keeps a cell in its cell', () => {
  expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |\n');
});
