import type { ServiceReference } from '@soma/contracts';

/** One thing that is wrong in a file of the catalogue. */
export interface Problem {
  /** Path of the file: within the schemas directory, or after it where the directory is known. */
  readonly file: string;
  /** From 1; where the value stands, or where what is missing belongs. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Field within the file, such as `consumers[1].squad`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong. */
  readonly message: string;
  /** What would be right. */
  readonly allowed?: string;
  /** An error stops the catalogue from being used; a warning is told; a note is worth knowing where something changed. */
  readonly severity: 'error' | 'warning' | 'note';
  /** The topic it is about, where what changed is compared with what stood before. */
  readonly topic?: string;
  /** Who consumes that topic. */
  readonly consumers?: readonly ServiceReference[];
}

/** A problem of a file as a whole. */
export const wholeFile = (
  file: string,
  message: string,
  allowed: string,
  severity: Problem['severity'] = 'error',
): Problem => ({ file, line: 1, column: 1, path: '', message, allowed, severity });

/** Keys and indexes that lead to a value within a file. */
export type Path = readonly (string | number)[];

/** `['config', 'retention.ms']` → `config[retention.ms]`, `['consumers', 1, 'squad']` → `consumers[1].squad`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>((before, part) => {
    if (typeof part === 'number' || !/^\w+$/.test(part)) return `${before}[${part}]`;
    return before === '' ? part : `${before}.${part}`;
  }, '');

/** Problems in the order of files and lines. */
export const sortProblems = (problems: readonly Problem[]): readonly Problem[] =>
  problems.toSorted(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );

/** Where a problem stands: `file:line:column`. */
export const placeOf = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`;

const formatProblem = ({ file, line, column, path, message, allowed, severity }: Problem): string =>
  [
    `${file}:${line}:${column}`,
    severity === 'error' ? undefined : `${severity}:`,
    path === '' ? undefined : path,
    `— ${message}${allowed === undefined ? '' : `; allowed: ${allowed}`}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');

/** One line for each problem: `file:line:column field — what is wrong; allowed: what would be right`. */
export const formatProblems = (problems: readonly Problem[]): string =>
  problems.map(formatProblem).join('\n');
