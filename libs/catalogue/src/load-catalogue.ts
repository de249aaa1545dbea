import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type CatalogueResult, checkFiles, type CheckOptions } from './core/check-files.js';
import type { SourceFile } from './core/source.js';
import type { Problem } from './problem.js';
import { servicePrincipals } from '@soma/contracts';

/** The files of a schemas directory, as {@link checkFiles} takes them; rejects where one cannot be read. */
export const readFiles = async (directory: string): Promise<readonly SourceFile[]> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.toSorted().map(async (path) => ({
      path: relative(directory, path).split(sep).join('/'),
      text: await readFile(path, 'utf8'),
    })),
  );
};

/** The files of a schemas directory, or the one problem that stands in the way of reading them. */
export type DirectoryReading =
  | { readonly ok: true; readonly files: readonly SourceFile[] }
  | { readonly ok: false; readonly problem: Problem };

/** Reads the files of a schemas directory, in which at least one topic must be. Never throws. */
export const readDirectory = async (directory: string): Promise<DirectoryReading> => {
  const problem = (message: string, allowed: string): DirectoryReading => ({
    ok: false,
    problem: { file: directory, line: 1, column: 1, path: '', message, allowed, severity: 'error' },
  });
  let files: readonly SourceFile[];
  try {
    files = await readFiles(directory);
  } catch (error) {
    return problem(
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'a directory with schemas',
    );
  }
  if (!files.some(({ path }) => path.endsWith('.yaml')))
    return problem('there is no topic in it', 'a directory with <squad>/<topic>.yaml');
  return { ok: true, files };
};

/** Problems with their files as they are reached from where `directory` is. */
export const inDirectory = (directory: string, problems: readonly Problem[]): readonly Problem[] =>
  problems.map((one) => ({ ...one, file: join(directory, one.file) }));

/**
 * Reads and checks a schemas directory. Everything that is wrong comes back at once, also a directory that cannot be read;
 * it never throws for what stands in the files. Problems name files as they are reached from where `directory` is.
 */
export const loadCatalogue = async (
  directory: string,
  options: CheckOptions = {},
): Promise<CatalogueResult> => {
  const reading = await readDirectory(directory);
  if (!reading.ok) return { ok: false, problems: [reading.problem] };
  const result = checkFiles(reading.files, options);
  return { ...result, problems: inDirectory(directory, result.problems) };
};

/** What a check of a schemas directory says to people. */
export interface CatalogueCheck {
  /** False if something must be put right before the catalogue can be used. */
  readonly ok: boolean;
  /** Errors and warnings, in the order of files and lines. */
  readonly problems: readonly Problem[];
  /** One line: what was found. */
  readonly summary: string;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Reads and checks a schemas directory, for a report. */
export const checkCatalogue = async (directory: string): Promise<CatalogueCheck> => {
  const result = await loadCatalogue(directory);
  const { problems } = result;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const found = `${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}`;
  if (!result.ok) return { ok: false, problems, summary: found };
  const { topics, overlays } = result.catalogue;
  const services = servicePrincipals(topics.map(({ spec }) => spec));
  const size = [
    count(topics.length, 'topic'),
    count(services.length, 'service'),
    count(Object.keys(overlays).length, 'environment'),
  ];
  return { ok: true, problems, summary: `${size.join(', ')}: ${found}` };
};
