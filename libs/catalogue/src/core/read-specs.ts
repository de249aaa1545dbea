import { isSquad, type TopicSpec } from '@soma/contracts';
import { readSpec, type SpecReading } from './read-spec.js';
import type { SourceFile } from './source.js';

/** What a file of a schemas directory is, by its place and name. */
export type Kind = 'spec' | 'schema' | 'overlay' | 'other' | 'stray';

/** The kind of the file at a path. */
export const kindOf = (path: string): Kind => {
  const [folder, name, ...deeper] = path.split('/');
  if (path.endsWith('.md')) return 'other';
  if (name === undefined || deeper.length > 0) return 'stray';
  if (folder === 'environments') return name.endsWith('.yaml') ? 'overlay' : 'stray';
  if (!isSquad(folder)) return 'stray';
  if (name.endsWith('.yaml')) return 'spec';
  return name.endsWith('.avsc') ? 'schema' : 'stray';
};

/** The files that hold schemas, by path. */
export const schemaFiles = (files: readonly SourceFile[]): ReadonlyMap<string, SourceFile> =>
  new Map(files.filter(({ path }) => kindOf(path) === 'schema').map((file) => [file.path, file]));

/** Every spec of a catalogue with its schema, as far as they can be read. */
export const readSpecs = (files: readonly SourceFile[]): readonly SpecReading[] => {
  const schemas = schemaFiles(files);
  return files.filter(({ path }) => kindOf(path) === 'spec').map((file) => readSpec(file, schemas));
};

/** A topic whose spec could be read, and the files its schema is made of, by their paths within the catalogue. */
export interface TopicFiles {
  readonly spec: TopicSpec;
  readonly schemaFile?: string;
  readonly referenceFiles: readonly string[];
}

/** The topics of a catalogue whose specs have the right form, whatever else may be wrong, and the other specs. */
export interface TopicsReading {
  readonly topics: readonly TopicFiles[];
  /** Paths of the specs that have not the right form. */
  readonly unread: readonly string[];
}

/** Reads the specs of a catalogue. Pure. */
export const readTopics = (files: readonly SourceFile[]): TopicsReading => {
  const readings = readSpecs(files);
  return {
    topics: readings.flatMap(({ spec, schemaFile, references }) =>
      spec
        ? [{ spec, ...(schemaFile !== undefined && { schemaFile }), referenceFiles: references.files }]
        : [],
    ),
    unread: readings.flatMap(({ source, spec }) => (spec ? [] : [source.file])),
  };
};
