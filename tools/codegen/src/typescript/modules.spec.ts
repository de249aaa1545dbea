import {
  type AvroRecord,
  type Catalogue,
  type CatalogueTopic,
  registeredSchema,
  topicSpecSchema,
} from '@soma/contracts';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../test/catalogue.js';
import { typescriptModules } from './modules.js';

const topic = (name: string, annotated?: AvroRecord, more: object = {}): CatalogueTopic => ({
  spec: topicSpecSchema.parse({
    topic: name,
    owner: 'infra-ops',
    description: 'A test.',
    partitions: 1,
    replicationFactor: 1,
    classification: { level: 'internal' },
    ...(annotated && {
      schema: { file: `${name}.avsc`, compatibility: 'FULL' },
      key: { field: 'id', doc: 'Order.' },
    }),
    ...more,
  }),
  ...(annotated && { annotated, schema: registeredSchema(annotated) }),
});

const catalogue = (...topics: readonly CatalogueTopic[]): Catalogue => ({ topics, overlays: {} });

const everything: AvroRecord = {
  type: 'record',
  name: 'Everything',
  namespace: 'com.example',
  doc: 'Ends a comment */ and goes on.',
  fields: [
    { name: 'id', type: 'string', doc: 'Id.' },
    { name: 'flag', type: 'boolean' },
    { name: 'real', type: { type: 'double' } },
    { name: 'raw', type: 'bytes' },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 32 } },
    { name: 'maybe', type: ['null', 'long'], default: null },
    { name: 'either', type: ['string', 'null', { type: 'array', items: 'int' }] },
    { name: 'many', type: { type: 'array', items: ['null', 'string'] } },
    { name: 'labels', type: { type: 'map', values: { type: 'array', items: 'int' } } },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['ON', 'OFF'] } },
    { name: 'before', type: ['null', 'State'] },
    {
      name: 'inner',
      type: { type: 'record', name: 'other.Inner', fields: [{ name: 'next', type: ['null', 'Inner'] }] },
    },
    { name: 'again', type: 'other.Inner' },
  ],
};

const contracts = join(root, 'libs', 'contracts', 'src');

/** What the compiler says of the modules in the place where they belong. */
const typeErrors = async (modules: ReadonlyMap<string, string>): Promise<readonly string[]> => {
  const directory = await mkdtemp(join(tmpdir(), 'soma-codegen-'));
  try {
    await mkdir(join(directory, 'generated'));
    for (const name of ['avro.ts', 'squads.ts', 'topic-contract.ts'])
      await copyFile(join(contracts, name), join(directory, name));
    for (const [name, text] of modules) await writeFile(join(directory, 'generated', name), text);
    const files = [...modules.keys()].map((name) => join(directory, 'generated', name));
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: [],
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  } finally {
    await rm(directory, { recursive: true });
  }
};

it('gives every Avro type its TypeScript type', () => {
  const module = typescriptModules(catalogue(topic('all.types', everything))).get('all.types.ts') ?? '';
  const members = [...module.matchAll(/^ {2}(\w+): ([^;{]+);$/gm)].map(
    ([, name, type]) => `${name}: ${type}`,
  );
  expect(members).toEqual([
    'id: string',
    'flag: boolean',
    'real: number',
    'raw: Uint8Array',
    'hash: Uint8Array',
    'maybe: number | null',
    'either: string | number[] | null',
    'many: (string | null)[]',
    'labels: Record<string, number[]>',
    'state: State',
    'before: State | null',
    'inner: Inner',
    'again: Inner',
    'next: Inner | null',
  ]);
  expect(module).toContain("export type State = 'ON' | 'OFF';");
});

it('keeps types of two topics with the same name apart', () => {
  const modules = typescriptModules(
    catalogue(topic('a.one', everything), topic('b.two', { ...everything, namespace: 'org' })),
  );
  expect(modules.get('a.one.ts')).toContain('export interface AOneEverything');
  expect(modules.get('b.two.ts')).toContain('export interface BTwoEverything');
});

it('gives no type to a topic without schema or key', () => {
  const modules = typescriptModules(catalogue(topic('plain')));
  expect([...modules.keys()]).toEqual(['index.ts']);
});

it('compiles, whatever the types', async () => {
  const twice = catalogue(
    topic('a.one', everything),
    topic('b.two', { ...everything, namespace: 'org' }),
    topic('plain'),
  );
  expect(await typeErrors(typescriptModules(twice))).toEqual([]);
});
