import { type Catalogue, type CatalogueTopic, isSquad, registeredSchema, squads } from '@soma/contracts';
import { type Problem, sortProblems } from '../problem.js';
import { catalogueProblems } from './catalogue-findings.js';
import { textAt } from './loose.js';
import { readOverlay } from './read-overlay.js';
import { readSchema, readSpec, type SpecReading } from './read-spec.js';
import type { SourceFile } from './source.js';

/** The catalogue, with warnings as its only problems, or all that is wrong with it; in the order of files and lines. */
export type CatalogueResult =
  | { readonly ok: true; readonly catalogue: Catalogue; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Kind = 'spec' | 'schema' | 'overlay' | 'other' | 'stray';

const kindOf = (path: string): Kind => {
  const [folder, name, ...deeper] = path.split('/');
  if (path.endsWith('.md')) return 'other';
  if (name === undefined || deeper.length > 0) return 'stray';
  if (folder === 'environments') return name.endsWith('.yaml') ? 'overlay' : 'stray';
  if (!isSquad(folder)) return 'stray';
  if (name.endsWith('.yaml')) return 'spec';
  return name.endsWith('.avsc') ? 'schema' : 'stray';
};

const wholeFile = (file: string, message: string, allowed: string): Problem => ({
  file,
  line: 1,
  column: 1,
  path: '',
  message,
  allowed,
  severity: 'error',
});

const strayHome = `<squad>/<topic>.yaml, <squad>/<topic>.avsc or environments/<name>.yaml, the squad one of ${squads.join(', ')}`;

const topicOf = ({ spec, annotated }: SpecReading): readonly CatalogueTopic[] =>
  spec ? [{ spec, ...(annotated && { annotated, schema: registeredSchema(annotated) }) }] : [];

/** Checks the files of a schemas directory, each by itself and all together. Pure. */
export const checkFiles = (files: readonly SourceFile[]): CatalogueResult => {
  const of = (kind: Kind): readonly SourceFile[] => files.filter(({ path }) => kindOf(path) === kind);
  const schemas = new Map(of('schema').map((file) => [file.path, file]));
  const specs = of('spec').map((file) => readSpec(file, schemas));
  const topicNames = specs.flatMap(({ source }) => textAt(source.value, ['topic']) ?? []);
  const overlays = of('overlay').map((file) => readOverlay(file, topicNames));
  const used = new Set(specs.map(({ schemaFile }) => schemaFile));
  const orphans = [...schemas.values()].filter(({ path }) => !used.has(path));
  // A spec that cannot be parsed names no schema, and most likely means the one of its name.
  const unparsed = specs.filter(({ source }) => source.value === undefined).map(({ source }) => source.file);

  const problems = sortProblems([
    ...of('stray').map(({ path }) => wholeFile(path, 'the catalogue has no place for this file', strayHome)),
    ...orphans
      .filter(({ path }) => !unparsed.includes(path.replace(/avsc$/, 'yaml')))
      .map(({ path }) =>
        wholeFile(path, 'no topic names this schema', 'schema.file of a spec in the same folder'),
      ),
    ...orphans.flatMap((file) => readSchema(file, false).problems),
    ...specs.flatMap((reading) => reading.problems),
    ...overlays.flatMap((reading) => reading.problems),
    ...catalogueProblems(specs, overlays),
  ]);
  if (problems.some(({ severity }) => severity === 'error')) return { ok: false, problems };

  const catalogue: Catalogue = {
    topics: specs.flatMap(topicOf).toSorted((a, b) => (a.spec.topic < b.spec.topic ? -1 : 1)),
    overlays: Object.fromEntries(
      overlays.flatMap(({ overlay }) => (overlay ? [[overlay.environment, overlay] as const] : [])),
    ),
  };
  return { ok: true, catalogue, problems };
};
