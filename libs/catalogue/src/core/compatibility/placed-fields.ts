import type { AvroSchema } from '@soma/contracts';
import type { Path } from '../../problem.js';
import { textAt, valueAt } from '../loose.js';
import { typeInWords } from './incompatibility.js';
import { type Definitions, definitionsOf, openPlace, type Place } from './place.js';

/** A field of a schema, at any depth, as two versions of it are compared. */
export interface PlacedField {
  /** Such as `metrics.model`. */
  readonly path: string;
  /** Paths that its aliases would have. */
  readonly aliases: readonly string[];
  /** Its type in words, with logical types. */
  readonly type: string;
  /** The same without logical types. */
  readonly underlying: string;
  readonly doc: string | undefined;
  /** Its default as JSON; undefined without one. */
  readonly fallback: string | undefined;
  /** Keys that lead to it. */
  readonly at: Path;
}

const withoutLogical = (words: string): string => words.replaceAll(/ \([\w-]+\)/g, '');

/** Every field of a schema by its path; a type that contains itself is entered once. */
export const placedFields = (root: AvroSchema): ReadonlyMap<string, PlacedField> => {
  const definitions: Definitions = definitionsOf(root);
  const found = new Map<string, PlacedField>();
  const walk = (place: Place, prefix: string, open: readonly string[]): void => {
    const type = openPlace(place, definitions);
    for (const part of type.parts) walk(part, prefix, open);
    if (open.includes(type.name)) return;
    for (const field of type.fields) {
      const pathOf = (name: string): string => (prefix === '' ? name : `${prefix}.${name}`);
      const words = typeInWords(openPlace(field, definitions), definitions);
      const json = valueAt(type.attributes, field.fieldAt.slice(type.at.length));
      const path = pathOf(field.name);
      found.set(path, {
        path,
        aliases: field.aliases.map(pathOf),
        type: words,
        underlying: withoutLogical(words),
        doc: textAt(json, ['doc']),
        fallback: field.hasDefault ? JSON.stringify(valueAt(json, ['default'])) : undefined,
        at: field.fieldAt,
      });
      walk(field, path, [...open, type.name]);
    }
  };
  walk({ schema: root, namespace: '', at: [] }, '', []);
  return found;
};
