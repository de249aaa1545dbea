import {
  type AvroNamed,
  type AvroSchema,
  fullName,
  type ReferencedTypes,
  referredNames,
} from '@soma/contracts';
import type { Problem } from '../problem.js';
import { type KnownTypes, typeFindings } from './avro-findings.js';
import { isRecord, listAt, textAt } from './loose.js';
import { type Finding, parseSource, type SourceFile } from './source.js';

/** The types that a spec refers to, as far as they could be read, and all that is wrong with them. */
export interface ReferencesReading {
  /** The types that could be read, each after those it refers to; none if they lead in a circle. */
  readonly types: ReferencedTypes;
  /** Kinds of all types that the spec names, whether or not they could be read. */
  readonly known: KnownTypes;
  /** True if every type could be read. */
  readonly complete: boolean;
  /** Paths of the files that the spec names, whether or not there are such files. */
  readonly files: readonly string[];
  /** What is wrong in the spec. */
  readonly findings: readonly Finding[];
  /** What is wrong in the files. */
  readonly problems: readonly Problem[];
}

interface Read {
  readonly index: number;
  readonly type?: AvroNamed;
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
}

const kinds = ['record', 'enum', 'fixed'];

/** Path within the catalogue of a file that a spec in `folder` names. */
const pathFrom = (folder: string, file: string): string =>
  file.startsWith('../') ? file.slice(3) : `${folder}/${file}`;

const read = (
  file: SourceFile | undefined,
  entry: { readonly name: string; readonly path: string; readonly index: number },
  known: KnownTypes,
): Read => {
  const { index, name, path } = entry;
  const at = ['schema', 'references', index];
  const wrong = (key: string, message: string, allowed: string): Read => ({
    index,
    findings: [{ at: [...at, key], message, allowed }],
    problems: [],
  });
  if (!file) return wrong('file', `there is no file ${path}`, 'an .avsc file of the catalogue');
  const source = parseSource(file);
  if (source.value === undefined) return { index, findings: [], problems: source.syntax };
  if (!isRecord(source.value) || !kinds.includes(String(source.value['type'])))
    return wrong('file', `${path} defines no type with a name`, kinds.join(' | '));
  const type = source.value as unknown as AvroNamed;
  const defined = typeof type.name === 'string' ? fullName(type) : '';
  if (defined !== name) return wrong('name', `${path} defines ${defined}, not ${name}`, defined);
  const found = [...typeFindings(type, new Map([...known].filter(([other]) => other !== name)))];
  const broken = found.some(({ severity, at: where }) => severity !== 'warning' && where.at(-1) !== 'doc');
  return { index, findings: [], problems: found.map(source.problem), ...(!broken && { type }) };
};

/** Puts each type after those it refers to. `cycle`: the names that lead back to the first of them. */
const inOrder = (types: ReferencedTypes): { ordered: readonly string[]; cycle?: readonly string[] } => {
  const ordered: string[] = [];
  let cycle: readonly string[] | undefined;
  const visit = (name: string, open: readonly string[]): void => {
    if (open.includes(name)) cycle ??= [...open.slice(open.indexOf(name)), name];
    const type = types.get(name);
    if (!type || open.includes(name) || ordered.includes(name)) return;
    for (const next of referredNames(type, types.keys())) visit(next, [...open, name]);
    ordered.push(name);
  };
  for (const name of types.keys()) visit(name, []);
  return { ordered, ...(cycle && { cycle }) };
};

/** Reads the types that a spec in `folder` refers to from the files of the catalogue. */
export const readReferences = (
  spec: unknown,
  folder: string,
  schemas: ReadonlyMap<string, SourceFile>,
): ReferencesReading => {
  const findings: Finding[] = [];
  const named = listAt(spec, ['schema', 'references']).flatMap((_, index) => {
    const [name, file] = ['name', 'file'].map((key) => textAt(spec, ['schema', 'references', index, key]));
    return name === undefined || file === undefined ? [] : [{ name, file, index }];
  });
  // What is no path of the catalogue, the form of the spec says already.
  const entries = named
    .filter(({ file }) => /^(\.\.\/[^/.]+\/)?[^/\\]+$/.test(file))
    .map(({ file, ...entry }) => ({ ...entry, path: pathFrom(folder, file) }));
  const kindOf = (path: string): string => {
    const file = schemas.get(path);
    return textAt(file && parseSource(file).value, ['type']) ?? 'record';
  };
  const known: KnownTypes = new Map([
    ...named.map(({ name }): [string, string] => [name, 'record']),
    ...entries.map(({ name, path }): [string, string] => [name, kindOf(path)]),
  ]);
  const types = new Map<string, AvroNamed>();
  const problems: Problem[] = [];
  for (const entry of entries) {
    const at = ['schema', 'references', entry.index];
    if (entries.some(({ name, index }) => name === entry.name && index < entry.index)) {
      findings.push({ at: [...at, 'name'], message: `${entry.name} stands here twice` });
      continue;
    }
    const one = read(schemas.get(entry.path), entry, known);
    findings.push(...one.findings);
    problems.push(...one.problems);
    if (one.type) types.set(entry.name, one.type);
  }
  const { ordered, cycle } = inOrder(types);
  if (cycle)
    findings.push({
      at: ['schema', 'references', entries.find(({ name }) => name === cycle[0])?.index ?? 0],
      message: `the types refer to each other in a circle: ${cycle.join(' → ')}`,
      allowed: 'types in one file if they need each other',
    });
  return {
    types: new Map(
      cycle ? [] : ordered.flatMap((name) => (types.has(name) ? [[name, types.get(name) as AvroNamed]] : [])),
    ),
    known,
    complete: !cycle && [...known.keys()].every((name) => types.has(name)),
    files: entries.map(({ path }) => path),
    findings,
    problems,
  };
};

/** References that neither the schema nor another reference uses. */
export const unusedReferences = (
  spec: unknown,
  schema: AvroSchema,
  { types, complete }: ReferencesReading,
): readonly Finding[] => {
  if (!complete) return [];
  const used = new Set<string>();
  const follow = (name: string): void => {
    const type = types.get(name);
    if (used.has(name) || !type) return;
    used.add(name);
    referredNames(type, types.keys()).forEach(follow);
  };
  referredNames(schema, types.keys()).forEach(follow);
  return listAt(spec, ['schema', 'references']).flatMap((_, index) => {
    const name = textAt(spec, ['schema', 'references', index, 'name']);
    return name === undefined || used.has(name)
      ? []
      : [
          {
            at: ['schema', 'references', index, 'name'],
            message: `nothing in the schema uses ${name}`,
            allowed: 'a type that the schema uses by this name',
          },
        ];
  });
};
