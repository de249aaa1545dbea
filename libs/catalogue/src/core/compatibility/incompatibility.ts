import type { Path } from '../../problem.js';
import { type Definitions, type Opened, openPlace } from './place.js';

/**
 * One reason why a reader's schema cannot read what a writer's schema writes:
 * - `missing-field`: the reader has a field without a default that the writer does not write
 * - `type`: no promotion leads from the writer's type to the reader's
 * - `name`: a named type has another name, and the reader's aliases do not hold the writer's
 * - `symbols`: the writer's enum has symbols that the reader's has not, and the reader's has no default
 * - `size`: a fixed has another size
 * - `branch`: the writer's union has a branch that the reader cannot read
 * - `decimal`: a decimal has another precision or scale
 * - `alias`: a field of the reader could be several of the writer's
 */
export type IncompatibilityKind =
  'missing-field' | 'type' | 'name' | 'symbols' | 'size' | 'branch' | 'decimal' | 'alias';

/** One reason why a reader's schema cannot read what a writer's schema writes, and where. */
export interface Incompatibility {
  readonly kind: IncompatibilityKind;
  /** Path of the field, such as `metrics.model`; empty for the whole record. */
  readonly path: string;
  /** What the reader has, in words: a type, a name, a size; empty where it has nothing. */
  readonly reader: string;
  /** What the writer has, in words. */
  readonly writer: string;
  /** Keys that lead to it within the reader's schema. */
  readonly readerAt: Path;
  /** Keys that lead to it within the writer's schema, or to where it is missing. */
  readonly writerAt: Path;
}

/** Which of two versions is the reader's: `backward` if the new one reads old events, `forward` if an old one reads new events. */
export type Direction = 'backward' | 'forward';

/** A type in words: `string`, `long (timestamp-millis)`, `null | string`, `list of int`. */
export const typeInWords = (type: Opened, definitions: Definitions): string => {
  const part = (index: number): string => {
    const place = type.parts[index];
    return place ? typeInWords(openPlace(place, definitions), definitions) : 'nothing';
  };
  switch (type.kind) {
    case 'union':
      return type.parts.map((_, index) => part(index)).join(' | ');
    case 'array':
      return `list of ${part(0)}`;
    case 'map':
      return `map of ${part(0)}`;
    case 'record':
    case 'enum':
    case 'fixed':
      return `${type.kind} ${type.name}`;
    default: {
      const logical = type.attributes['logicalType'];
      return typeof logical === 'string' ? `${type.name} (${logical})` : type.name;
    }
  }
};

/** What an owner changed that made it so, told from the old schema to the new one. */
export const changeInWords = (
  { kind, path, reader, writer }: Incompatibility,
  direction: Direction,
): string => {
  const [before, after] = direction === 'backward' ? [writer, reader] : [reader, writer];
  const added = direction === 'backward';
  switch (kind) {
    case 'missing-field':
      return added
        ? `the field ${path} was added without a default`
        : `the field ${path} was removed, and had no default`;
    case 'type':
      return `the type changed from ${before} to ${after}`;
    case 'name':
      return `the name changed from ${before} to ${after}`;
    case 'symbols':
      return added
        ? `the symbols ${writer} were removed from the enum, which has no default`
        : `the symbols ${writer} were added to the enum, which had no default`;
    case 'size':
      return `the size changed from ${before} to ${after} bytes`;
    case 'branch':
      return added
        ? `the branch ${writer} was removed: the type is now ${reader}`
        : `the branch ${writer} was added: the type was ${reader}`;
    case 'decimal':
      return `the decimal changed from ${before} to ${after}`;
    case 'alias':
      return `the field ${path} could be each of ${writer}`;
  }
};

const remedies: Readonly<Record<IncompatibilityKind, Readonly<Record<Direction, string>>>> = {
  'missing-field': {
    backward: 'a default for the field',
    forward: 'the field as it was; only one with a default can go',
  },
  type: {
    backward: 'the type as it was, or a new field with a default beside it',
    forward: 'the type as it was, or a new field with a default beside it',
  },
  name: {
    backward: 'the name as it was, or the old one among the aliases of the type',
    forward: 'the name as it was',
  },
  symbols: { backward: 'the symbols as they were, or a default', forward: 'the symbols as they were' },
  size: {
    backward: 'the size as it was, or a new field with a default beside it',
    forward: 'the size as it was, or a new field with a default beside it',
  },
  branch: { backward: 'the branch as it was', forward: 'the branches as they were' },
  decimal: {
    backward: 'precision and scale as they were, or a new field with a default beside it',
    forward: 'precision and scale as they were, or a new field with a default beside it',
  },
  alias: { backward: 'one name or alias of the old fields', forward: 'one of the fields' },
};

/** What would be right instead. */
export const remedy = ({ kind }: Incompatibility, direction: Direction): string => remedies[kind][direction];
