import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { jsonFault } from './json-fault.js';
import { formatPath, type Path, type Problem } from '../problem.js';

/** A file of the schemas directory: its path within it, with slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a check found, before its place in the file is known. `on: 'key'` points at the key instead of its value. */
export interface Finding {
  readonly at: Path;
  readonly on?: 'key' | 'value';
  /** Characters into the text that stands there, for a text with a grammar of its own; 0 unless told. */
  readonly offset?: number;
  readonly message: string;
  readonly allowed?: string;
  readonly severity?: Problem['severity'];
  /** A rule of this catalogue, and none of Avro or Kafka: what was adopted may break it. */
  readonly convention?: true;
}

/** A parsed file that knows where each of its values stands. */
export interface Source {
  readonly file: string;
  /** The content; undefined if the text could not be parsed. */
  readonly value: unknown;
  readonly syntax: readonly Problem[];
  readonly problem: (finding: Finding) => Problem;
}

const offsetOf = (document: Document.Parsed, path: Path, on: 'key' | 'value'): number => {
  const key = path.at(-1);
  const parent = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      )
    : undefined;
  const node = on === 'key' && isNode(pair?.key) ? pair.key : document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1), 'value');
};

/**
 * Where the character at `offset` of a text stands in its file. Quotes, the indentation of a block and escapes are in the
 * file and not in the text: the line it is in is looked for, and the node's beginning is the answer where it is not found.
 */
const placeInText = (written: string, value: unknown, offset: number): number => {
  if (typeof value !== 'string' || offset === 0) return 0;
  const whole = written.indexOf(value);
  if (whole >= 0) return whole + offset;
  const before = value.lastIndexOf('\n', offset - 1) + 1;
  const line = value.slice(before).split('\n', 1)[0] ?? '';
  const found = line === '' ? -1 : written.indexOf(line);
  return found < 0 ? 0 : found + offset - before;
};

/** A YAML error's first line; the rest of its message repeats the text. */
const plain = (error: YAMLError): string =>
  (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');

/** Parses YAML, or JSON with the positions that only a YAML parser gives. */
export const parseSource = ({ path: file, text }: SourceFile): Source => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });

  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const within = (at: Path, offset: number): number => {
    const node = document.getIn(at, true);
    if (!isScalar(node) || !node.range) return 0;
    return placeInText(text.slice(node.range[0], node.range[1]), node.value, offset);
  };
  const problem = (finding: Finding): Problem => {
    const { at, on = 'value', offset = 0, message, allowed, severity = 'error' } = finding;
    return {
      file,
      ...place(offsetOf(document, at, on) + within(at, offset)),
      path: formatPath(at),
      message,
      ...(allowed !== undefined && { allowed }),
      severity,
    };
  };
  const fault = (message: string, offset: number): Problem => ({
    file,
    ...place(offset),
    path: '',
    message,
    severity: 'error',
  });

  const json = file.endsWith('.avsc');
  const broken = json ? jsonFault(text) : undefined;
  // JSON is right or wrong by its own rules, whatever YAML thinks of tabs; but neither takes a key twice.
  const errors = document.errors.filter((error) => !json || error.code === 'DUPLICATE_KEY');
  // One slip makes the parser complain twice at one place: the first complaint is enough.
  const first = [...Map.groupBy(errors, (error) => error.pos[0]).values()].flatMap((same) =>
    same.slice(0, 1),
  );
  const syntax = broken
    ? [fault(`no JSON: here should stand ${broken.expected}`, broken.offset)]
    : first.map((error) => fault(plain(error), error.pos[0]));
  visit(document, {
    Alias: (_, { source: name, range }) => {
      syntax.push(fault(`the alias *${name} hides what stands here: write it out`, range?.[0] ?? 0));
    },
  });
  return { file, value: syntax.length === 0 ? (document.toJS() as unknown) : undefined, syntax, problem };
};
