import { type AvroNamed, type AvroRecord, fullName, isSquad, referredNames, squads } from '@soma/contracts';
import { type Problem, wholeFile } from '../../problem.js';
import { checkFiles } from '../check-files.js';
import { isRecord } from '../loose.js';
import { parseSource, type SourceFile } from '../source.js';
import { wholeSchema } from '../whole-schema.js';
import { importedSpec } from './imported-spec.js';
import { registeredOtherwise } from './registered-alike.js';

/** Avro schemas that are to become a topic. */
export interface ImportRequest {
  /** The topic's schema and the types it refers to by name, in any order; `path` as the author named the file. */
  readonly files: readonly SourceFile[];
  readonly topic: string;
  readonly squad: string;
  /** The catalogue as it is. */
  readonly catalogue: readonly SourceFile[];
}

/** A file of the import: where it goes, and from which of the given files; the spec comes from none. */
export interface ImportedFile extends SourceFile {
  readonly from?: string;
}

/** What is to be written, paths within the catalogue, and what its author must fill in; or why nothing can be. */
export type ImportResult =
  | { readonly ok: true; readonly files: readonly ImportedFile[]; readonly todo: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Named {
  readonly file: SourceFile;
  readonly type: AvroNamed;
  readonly name: string;
}

const read = (file: SourceFile): Named | readonly Problem[] => {
  const source = parseSource({
    ...file,
    path: file.path.endsWith('.avsc') ? file.path : `${file.path}.avsc`,
  });
  if (source.value === undefined) return source.syntax.map((problem) => ({ ...problem, file: file.path }));
  const { value } = source;
  if (
    !isRecord(value) ||
    !['record', 'enum', 'fixed'].includes(String(value['type'])) ||
    typeof value['name'] !== 'string'
  )
    return [
      wholeFile(file.path, 'this is no type with a name', 'a record, or an enum or fixed that one refers to'),
    ];
  const otherwise = [...registeredOtherwise(file, source)].map((problem) => ({
    ...problem,
    file: file.path,
  }));
  const type = value as unknown as AvroNamed;
  return otherwise.length > 0 ? otherwise : { file, type, name: fullName(type) };
};

const isNamed = (one: Named | readonly Problem[]): one is Named => 'type' in one;

const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;

/** The one record that no other file refers to. */
const mainOf = (types: readonly Named[]): Named | undefined => {
  const names = types.map(({ name }) => name);
  const used = new Set(types.flatMap(({ type }) => referredNames(type, names)));
  const [main, ...others] = types.filter(({ name }) => !used.has(name));
  return others.length === 0 && main?.type.type === 'record' ? main : undefined;
};

/**
 * Makes a topic of existing Avro: its files, each schema byte for byte, and the smallest spec. What is registered for the
 * topic is then what was imported: a schema for which that cannot be promised is refused. Pure.
 */
export const importSchema = ({ files, topic, squad, catalogue }: ImportRequest): ImportResult => {
  const refuse = (...problems: readonly Problem[]): ImportResult => ({ ok: false, problems });
  const given = files.map(({ path }) => path).join(', ');
  if (!isSquad(squad)) return refuse(wholeFile(given, `${squad} is no squad`, squads.join(', ')));
  const readings = files.map(read);
  const types = readings.filter(isNamed);
  if (types.length < readings.length) return refuse(...readings.flatMap((one) => (isNamed(one) ? [] : one)));
  const main = mainOf(types);
  if (!main)
    return refuse(
      wholeFile(given, 'which of them is the schema of the topic?', 'one record that no other refers to'),
    );
  const others = types.filter((one) => one !== main);
  const target = (name: string): string => `${squad}/${name}`;
  const whole = wholeSchema(
    main.file.text,
    others.map(({ file }) => file.text),
  );
  const imported: readonly ImportedFile[] = [
    {
      path: target(`${topic}.yaml`),
      text: importedSpec({
        topic,
        squad,
        schema: whole ?? (main.type as AvroRecord),
        references: others.map(({ name, file }) => ({ name, file: baseName(file.path) })),
      }),
    },
    { path: target(`${topic}.avsc`), text: main.file.text, from: main.file.path },
    ...others.map(({ file }) => ({ path: target(baseName(file.path)), text: file.text, from: file.path })),
  ];
  const taken = imported.filter(({ path }, index) =>
    [...catalogue, ...imported.slice(0, index)].some((one) => one.path === path),
  );
  if (taken.length > 0)
    return refuse(
      ...taken.map(({ path }) => wholeFile(path, 'is there already', 'another topic or file name')),
    );
  const paths = new Set(imported.map(({ path }) => path));
  const todo = checkFiles([...catalogue, ...imported]).problems.filter(({ file }) => paths.has(file));
  const fatal = todo.filter(
    ({ file, path, severity }) =>
      severity === 'error' && (file.endsWith('.yaml') ? path !== 'key' : !whole && !path.endsWith('doc')),
  );
  if (fatal.length > 0) return refuse(...fatal);
  if (!whole) return refuse(wholeFile(main.file.path, 'this is no valid Avro', 'a schema that Avro takes'));
  return { ok: true, files: imported, todo };
};
