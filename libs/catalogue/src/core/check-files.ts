import { type Catalogue, squads } from '@soma/contracts';
import { type Problem, sortProblems, wholeFile } from '../problem.js';
import { catalogueProblems } from './catalogue-findings.js';
import { deprecationProblems } from './deprecation-problems.js';
import { listAt, textAt } from './loose.js';
import { readOverlay } from './read-overlay.js';
import { catalogueTopic } from './catalogue-topic.js';
import { readSchema } from './read-spec.js';
import { type Kind, kindOf, readSpecs, schemaFiles } from './read-specs.js';
import type { SourceFile } from './source.js';

/** The catalogue, with warnings as its only problems, or all that is wrong with it; in the order of files and lines. */
export type CatalogueResult =
  | { readonly ok: true; readonly catalogue: Catalogue; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const strayHome = `<squad>/<topic>.yaml, <squad>/<topic>.avsc or environments/<name>.yaml, the squad one of ${squads.join(', ')}`;

/** What is wrong with a file that several topics refer to is told once. */
const once = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
];

/** What a check knows beside the files. */
export interface CheckOptions {
  /** The day of the check, such as `2027-03-31`; without it no deprecation is held against the calendar. */
  readonly today?: string;
}

/** Checks the files of a schemas directory, each by itself and all together. Pure. */
export const checkFiles = (files: readonly SourceFile[], { today }: CheckOptions = {}): CatalogueResult => {
  const of = (kind: Kind): readonly SourceFile[] => files.filter(({ path }) => kindOf(path) === kind);
  const schemas = schemaFiles(files);
  const specs = readSpecs(files);
  const topicNames = specs.flatMap(({ source }) => textAt(source.value, ['topic']) ?? []);
  const services = specs.flatMap(({ source }) =>
    ['producers', 'consumers'].flatMap((list) =>
      listAt(source.value, [list]).flatMap(
        (_, index) => textAt(source.value, [list, index, 'service']) ?? [],
      ),
    ),
  );
  const overlays = of('overlay').map((file) => readOverlay(file, topicNames, [...new Set(services)]));
  const used = new Set(specs.flatMap(({ schemaFile, references }) => [schemaFile, ...references.files]));
  const orphans = [...schemas.values()].filter(({ path }) => !used.has(path));
  // A spec that cannot be parsed names no schema, and most likely means the one of its name.
  const unparsed = specs.filter(({ source }) => source.value === undefined).map(({ source }) => source.file);

  const problems = sortProblems([
    ...of('stray').map(({ path }) => wholeFile(path, 'the catalogue has no place for this file', strayHome)),
    ...orphans
      .filter(({ path }) => !unparsed.includes(path.replace(/avsc$/, 'yaml')))
      .map(({ path }) =>
        wholeFile(path, 'no topic names this schema', 'schema.file or schema.references of a spec'),
      ),
    // A file that a wrong reference means is no schema of a topic.
    ...(specs.every(({ references }) => references.complete)
      ? orphans.flatMap((file) => readSchema(file, false).problems)
      : []),
    ...once(specs.flatMap((reading) => reading.problems)),
    ...overlays.flatMap((reading) => reading.problems),
    ...catalogueProblems(specs, overlays),
    ...(today === undefined ? [] : specs.flatMap((reading) => [...deprecationProblems(reading, today)])),
  ]);
  if (problems.some(({ severity }) => severity === 'error')) return { ok: false, problems };

  const catalogue: Catalogue = {
    topics: specs.flatMap(catalogueTopic).toSorted((a, b) => (a.spec.topic < b.spec.topic ? -1 : 1)),
    overlays: Object.fromEntries(
      overlays.flatMap(({ overlay }) => (overlay ? [[overlay.environment, overlay] as const] : [])),
    ),
  };
  return { ok: true, catalogue, problems };
};
