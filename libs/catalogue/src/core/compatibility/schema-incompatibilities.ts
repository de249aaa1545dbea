import type { AvroSchema } from '@soma/contracts';
import { listAt } from '../loose.js';
import { type Incompatibility, typeInWords } from './incompatibility.js';
import { type Definitions, definitionsOf, type Opened, openPlace, type Place } from './place.js';

/** Which types of a writer a reader's primitive takes, beside its own. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

interface Pair {
  readonly reader: Definitions;
  readonly writer: Definitions;
  /** Records that are being compared: a type that contains itself is as compatible as the rest of it. */
  readonly open: readonly string[];
}

type Found = readonly Incompatibility[];

const sameName = (reader: Opened, writer: Opened): boolean =>
  [reader.name, ...reader.aliases].includes(writer.name);

const decimal = ({ attributes }: Opened): string | undefined => {
  const { logicalType, precision, scale = 0 } = attributes;
  return logicalType === 'decimal'
    ? `precision ${JSON.stringify(precision)}, scale ${JSON.stringify(scale)}`
    : undefined;
};

const compareFields = (reader: Opened, writer: Opened, path: string, pair: Pair): Found =>
  reader.fields.flatMap((field): Found => {
    const here = path === '' ? field.name : `${path}.${field.name}`;
    const matches = writer.fields.filter(({ name }) => [field.name, ...field.aliases].includes(name));
    const [match] = matches;
    const where = { path: here, readerAt: field.fieldAt, writerAt: [...writer.at, 'fields'] };
    if (matches.length > 1)
      return [
        { kind: 'alias', ...where, reader: field.name, writer: matches.map(({ name }) => name).join(', ') },
      ];
    if (match) return compare(field, match, here, pair);
    return field.hasDefault ? [] : [{ kind: 'missing-field', ...where, reader: field.name, writer: '' }];
  });

/** Two types of one kind. */
const compareAlike = (reader: Opened, writer: Opened, path: string, pair: Pair): Found => {
  const where = { path, readerAt: reader.at, writerAt: writer.at };
  const named = ['record', 'enum', 'fixed'].includes(reader.kind);
  if (named && !sameName(reader, writer))
    return [{ kind: 'name', ...where, reader: reader.name, writer: writer.name }];
  const [expected, given] = [decimal(reader), decimal(writer)];
  const scale: Found =
    expected !== undefined && given !== undefined && expected !== given
      ? [{ kind: 'decimal', ...where, reader: expected, writer: given }]
      : [];
  switch (reader.kind) {
    case 'record': {
      const key = `${reader.name}:${writer.name}`;
      if (pair.open.includes(key)) return [];
      return compareFields(reader, writer, path, { ...pair, open: [...pair.open, key] });
    }
    case 'enum': {
      const symbols = listAt(reader.attributes, ['symbols']);
      const unknown = listAt(writer.attributes, ['symbols']).filter((symbol) => !symbols.includes(symbol));
      return unknown.length === 0 || reader.attributes['default'] !== undefined
        ? []
        : [{ kind: 'symbols', ...where, reader: symbols.join(', '), writer: unknown.join(', ') }];
    }
    case 'fixed': {
      const [size, written] = [String(reader.attributes['size']), String(writer.attributes['size'])];
      return size === written ? scale : [{ kind: 'size', ...where, reader: size, writer: written }];
    }
    case 'array':
    case 'map': {
      const [part, writtenPart] = [reader.parts[0], writer.parts[0]];
      return part && writtenPart ? compare(part, writtenPart, path, pair) : [];
    }
    default:
      return scale;
  }
};

const alike = (reader: Opened, writer: Opened): boolean =>
  reader.kind === writer.kind && (reader.name === reader.kind || sameName(reader, writer));

/** What a writer's type, which is no union, does to a reader. `fromUnion`: it is one of several that the writer may write. */
const compareOne = (
  readerPlace: Place,
  writerPlace: Place,
  path: string,
  pair: Pair,
  fromUnion: boolean,
): Found => {
  const reader = openPlace(readerPlace, pair.reader);
  const writer = openPlace(writerPlace, pair.writer);
  const mismatch = (): Found => [
    {
      kind: fromUnion ? 'branch' : 'type',
      path,
      reader: typeInWords(reader, pair.reader),
      writer: typeInWords(writer, pair.writer),
      readerAt: readerPlace.at,
      writerAt: writerPlace.at,
    },
  ];
  if (reader.kind === 'union') {
    const tried = reader.parts.map((part) => ({
      part: openPlace(part, pair.reader),
      found: compareOne(part, writerPlace, path, pair, fromUnion),
    }));
    if (tried.some(({ found }) => found.length === 0)) return [];
    return tried.find(({ part }) => alike(part, writer))?.found ?? mismatch();
  }
  if (reader.kind === writer.kind && reader.kind !== 'unknown')
    return fromUnion && !alike(reader, writer) ? mismatch() : compareAlike(reader, writer, path, pair);
  return promotions[reader.kind]?.includes(writer.kind) ? [] : mismatch();
};

const compare = (reader: Place, writer: Place, path: string, pair: Pair): Found => {
  const written = openPlace(writer, pair.writer);
  if (written.kind !== 'union') return compareOne(reader, writer, path, pair, false);
  return written.parts.flatMap((branch) => compareOne(reader, branch, path, pair, true));
};

/**
 * Every reason why `reader` cannot read what `writer` writes, by Avro's rules of schema resolution; none if it can. Pure.
 * Where Avro's specification compares names without their namespaces, this compares full names, as avsc and so the
 * consumers of this project do. Logical types other than decimal do not matter to Avro. A name that nothing defines is
 * a type that nobody can read. Paths name the reader's fields.
 */
export const schemaIncompatibilities = (
  reader: AvroSchema,
  writer: AvroSchema,
): readonly Incompatibility[] => {
  const root = (schema: AvroSchema): Place => ({ schema, namespace: '', at: [] });
  return compare(root(reader), root(writer), '', {
    reader: definitionsOf(reader),
    writer: definitionsOf(writer),
    open: [],
  });
};
