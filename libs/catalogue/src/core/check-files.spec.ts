import fc from 'fast-check';
import { stringify } from 'yaml';
import { orders } from '../../test/orders.js';
import { checkFiles } from './check-files.js';
import type { SourceFile } from './source.js';

const overlay =
  'environment: local\ndescription: A test.\nkafka: { tls: false }\ntopics:\n  orders.created: { partitions: 1 }\n';
const files: readonly SourceFile[] = Object.entries({ ...orders, 'environments/local.yaml': overlay }).map(
  ([path, text]) => ({ path, text }),
);

const placed = ({ problems }: ReturnType<typeof checkFiles>): boolean =>
  problems.every(({ file, line, column, message }) => {
    const lines = files.find(({ path }) => path === file)?.text.split('\n').length ?? 0;
    return line >= 1 && line <= lines + 2 && column >= 1 && message !== '';
  });

const words = [
  'null',
  '7',
  '-1',
  '[]',
  '{}',
  '[1, {a: b}]',
  'true',
  '"x"',
  '',
  ':',
  '*a',
  '&a x',
  '!!binary x',
  '\t',
  '- 1',
];

it('survives whatever happens to a line, and says where', () => {
  fc.assert(
    fc.property(
      fc.nat(files.length - 1),
      fc.nat(),
      fc.constantFrom('drop', 'value', 'cut', 'double'),
      fc.constantFrom(...words),
      (which, at, how, word) => {
        const changed = files.map(({ path, text }, index) => {
          if (index !== which) return { path, text };
          const lines = text.split('\n');
          const line = at % lines.length;
          const old = lines[line] ?? '';
          const now = {
            drop: [],
            value: [old.replace(/(?<=:).*/, ` ${word}`)],
            cut: [old.slice(0, at % (old.length + 1))],
            double: [old, old],
          }[how];
          return { path, text: lines.toSpliced(line, 1, ...now).join('\n') };
        });
        const result = checkFiles(changed);
        expect(placed(result)).toBe(true);
        expect(result.ok).toBe(result.problems.every(({ severity }) => severity === 'warning'));
      },
    ),
    { numRuns: 1000 },
  );
});

const keys = [
  'type',
  'name',
  'namespace',
  'fields',
  'items',
  'values',
  'symbols',
  'default',
  'doc',
  'examples',
  'size',
  'logicalType',
  'topic',
  'key',
  'field',
  'schema',
  'file',
  'config',
  'consumers',
  'personal',
  'classification',
];
const texts = [
  'record',
  'enum',
  'array',
  'map',
  'fixed',
  'string',
  'null',
  'long',
  'Root',
  'orders.created.avsc',
  'A',
  '',
];
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...texts),
    fc.constantFrom(null, 1, true),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 }),
  ),
}));

it('survives any content at all', () => {
  fc.assert(
    fc.property(tree, tree, tree, fc.boolean(), (spec, schema, environment, isRecord) => {
      const avsc = isRecord
        ? {
            type: 'record',
            name: 'Root',
            doc: 'A test.',
            fields: [schema, { name: 'f', doc: 'F.', type: schema }],
          }
        : schema;
      const result = checkFiles([
        {
          path: 'infra-ops/orders.created.yaml',
          text: `${orders['infra-ops/orders.created.yaml']}deprecated: ${JSON.stringify(spec)}\n`,
        },
        { path: 'infra-ops/orders.created.avsc', text: JSON.stringify(avsc) },
        { path: 'infra-ops/other.yaml', text: stringify(spec) },
        { path: 'environments/local.yaml', text: stringify(environment) },
      ]);
      expect(result.ok).toBe(false);
    }),
    { numRuns: 1000 },
  );
});
