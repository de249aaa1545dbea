import type { AvroSchema } from '@soma/contracts';
import type { Path } from '../../problem.js';
import { listAt } from '../loose.js';
import { definitionsOf } from './place.js';
import { type PlacedField, placedFields } from './placed-fields.js';

/** Something that an owner changed in a schema and that readers may want to know. */
export interface FieldChange {
  /** Path of the field; of a field that is gone, the one it had. */
  readonly path: string;
  readonly message: string;
  /** Keys that lead to it in the new schema, or to where it was. */
  readonly at: Path;
  /** Avro lets it pass, but the same bytes now mean something else. */
  readonly grave?: boolean;
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

function* compareField(now: PlacedField, then: PlacedField): Generator<FieldChange> {
  const { path, at } = now;
  if (now.path !== then.path)
    yield { path, at, message: `the field ${then.path} was renamed to ${path}, by an alias` };
  if (now.underlying !== then.underlying)
    yield { path, at, message: `the type changed from ${then.type} to ${now.type}` };
  else if (now.type !== then.type)
    yield {
      path,
      at,
      grave: true,
      message: `the type changed from ${then.type} to ${now.type}: Avro reads it, but the same value means something else`,
    };
  if (now.fallback !== then.fallback)
    yield {
      path,
      at,
      message: `the default changed from ${then.fallback ?? 'none'} to ${now.fallback ?? 'none'}`,
    };
  if (now.doc !== then.doc) yield { path, at, message: 'the doc changed' };
}

function* compareSymbols(now: AvroSchema, then: AvroSchema): Generator<FieldChange> {
  const before = definitionsOf(then);
  for (const [name, { schema, at }] of definitionsOf(now)) {
    const [symbols, old] = [listAt(schema, ['symbols']), listAt(before.get(name)?.schema, ['symbols'])];
    if (old.length === 0) continue;
    const where = { path: '', at: [...at, 'symbols'] };
    const added = symbols.filter((symbol) => !old.includes(symbol)).join(', ');
    const removed = old.filter((symbol) => !symbols.includes(symbol)).join(', ');
    if (added !== '') yield { ...where, message: `the enum ${name} has the new symbols ${added}` };
    if (removed !== '') yield { ...where, message: `the enum ${name} lost the symbols ${removed}` };
  }
}

/** What changed between two versions of a schema, field by field, whether or not it is compatible. */
export function* fieldChanges(now: AvroSchema, then: AvroSchema): Generator<FieldChange> {
  const [fields, old] = [placedFields(now), placedFields(then)];
  const sourceOf = ({ path, aliases }: PlacedField): PlacedField | undefined =>
    [path, ...aliases].map((name) => old.get(name)).find((field) => field !== undefined);
  const kept = new Set<string>();
  for (const field of fields.values()) {
    const source = sourceOf(field);
    if (source) {
      kept.add(source.path);
      yield* compareField(field, source);
      continue;
    }
    const parent = fields.get(parentOf(field.path));
    // What comes with a new field needs no line of its own.
    if (!parent || sourceOf(parent))
      yield {
        path: field.path,
        at: field.at,
        message: `the field ${field.path} was added${field.fallback === undefined ? '' : `, with the default ${field.fallback}`}`,
      };
  }
  for (const field of old.values()) {
    const parent = old.get(parentOf(field.path));
    if (kept.has(field.path) || (parent && !kept.has(parent.path))) continue;
    const at = [...(fields.get(parentOf(field.path))?.at ?? []), 'fields'];
    yield { path: field.path, at, message: `the field ${field.path} was removed` };
  }
  yield* compareSymbols(now, then);
}
