import type { AvroSchema } from '@soma/contracts';
import fc from 'fast-check';

type Tree =
  | { readonly kind: 'primitive'; readonly type: string }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly symbols: readonly string[];
      readonly open: boolean;
    }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
  | { readonly kind: 'array'; readonly inner: Tree }
  | { readonly kind: 'map'; readonly inner: Tree }
  | { readonly kind: 'union'; readonly branches: readonly Tree[] }
  | {
      readonly kind: 'record';
      readonly name: string;
      readonly fields: readonly TreeField[];
      readonly alias?: string;
    };

interface TreeField {
  readonly name: string;
  readonly type: Tree;
  readonly optional: boolean;
  readonly alias?: string;
}

const primitive = fc.record({
  kind: fc.constant('primitive' as const),
  type: fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'),
});

const { tree, record } = fc.letrec<{ tree: Tree; record: Tree }>((tie) => ({
  record: fc.record(
    {
      kind: fc.constant('record' as const),
      name: fc.constantFrom('A', 'B', 'C'),
      fields: fc.uniqueArray(
        fc.record(
          {
            name: fc.constantFrom('x', 'y', 'z'),
            type: tie('tree'),
            optional: fc.boolean(),
            alias: fc.constantFrom('v', 'w', 'x'),
          },
          { requiredKeys: ['name', 'type', 'optional'] },
        ),
        { selector: ({ name }) => name, maxLength: 3 },
      ),
      alias: fc.constantFrom('D', 'B'),
    },
    { requiredKeys: ['kind', 'name', 'fields'] },
  ),
  tree: fc.oneof(
    { maxDepth: 4 },
    primitive,
    fc.record({
      kind: fc.constant('enum' as const),
      name: fc.constantFrom('E', 'F'),
      symbols: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
      open: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('fixed' as const),
      name: fc.constantFrom('G', 'H'),
      size: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({ kind: fc.constant('array' as const), inner: tie('tree') }),
    fc.record({ kind: fc.constant('map' as const), inner: tie('tree') }),
    fc.record({
      kind: fc.constant('union' as const),
      branches: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    tie('record'),
  ),
}));

/** Makes a tree valid Avro: a name is defined once and a reference after that, unions are flat and have each kind once. */
const toAvro = (root: Tree, recordsInUnions: boolean): AvroSchema => {
  const defined = new Map<string, string>();
  const visit = (one: Tree): unknown => {
    if (one.kind === 'primitive') return one.type;
    if (one.kind === 'array') return { type: 'array', items: visit(one.inner) };
    if (one.kind === 'map') return { type: 'map', values: visit(one.inner) };
    if (one.kind === 'union') {
      const seen = new Set<string>();
      const branches = one.branches.filter((branch) => {
        const key = 'name' in branch ? branch.name : branch.kind === 'primitive' ? branch.type : branch.kind;
        const fits = branch.kind !== 'union' && (recordsInUnions || !holdsRecord(branch)) && !seen.has(key);
        seen.add(key);
        return fits;
      });
      return branches.length === 0 ? 'string' : branches.map(visit);
    }
    if (defined.has(one.name)) return one.name;
    defined.set(one.name, one.kind);
    if (one.kind === 'enum')
      return {
        type: 'enum',
        name: one.name,
        symbols: one.symbols,
        ...(one.open && { default: one.symbols[0] }),
      };
    if (one.kind === 'fixed') return { type: 'fixed', name: one.name, size: one.size };
    return {
      type: 'record',
      name: one.name,
      ...(one.alias !== undefined && one.alias !== one.name && { aliases: [one.alias] }),
      fields: one.fields.map((field) => {
        const type = visit(field.type);
        return {
          name: field.name,
          type,
          ...(field.optional && type === 'string' && { default: '' }),
          ...(field.optional && type === 'int' && { default: 1 }),
          ...(field.optional && Array.isArray(type) && type[0] === 'null' && { default: null }),
          ...(field.alias !== undefined &&
            !one.fields.some(({ name }) => name === field.alias) && { aliases: [field.alias] }),
        };
      }),
    };
  };
  return visit(root) as AvroSchema;
};

const holdsRecord = (one: Tree): boolean => {
  if (one.kind === 'record') return true;
  if (one.kind === 'union') return one.branches.some(holdsRecord);
  return one.kind === 'array' || one.kind === 'map' ? holdsRecord(one.inner) : false;
};

interface Edit {
  readonly at: number;
  readonly replacement: Tree;
  readonly how: 'replace' | 'drop' | 'default' | 'symbols' | 'size' | 'union' | 'rename' | 'add';
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(12),
  replacement: tree,
  how: fc.constantFrom('replace', 'drop', 'default', 'symbols', 'size', 'union', 'rename', 'add'),
});

const editField = (field: TreeField, { how, replacement }: Edit): readonly TreeField[] => {
  if (how === 'drop') return [];
  if (how === 'default') return [{ ...field, optional: !field.optional }];
  if (how === 'rename') return [{ ...field, name: `${field.name}_`, alias: field.name }];
  return how === 'replace' ? [{ ...field, type: replacement }] : [field];
};

const editTree = (one: Tree, { how, replacement }: Edit): Tree => {
  if (how === 'union') return { kind: 'union', branches: [one, replacement] };
  if (how === 'replace') return replacement;
  if (how === 'symbols' && one.kind === 'enum') return { ...one, symbols: [...one.symbols, 'd'] };
  if (how === 'size' && one.kind === 'fixed') return { ...one, size: 3 - one.size };
  if (how === 'default' && one.kind === 'enum') return { ...one, open: !one.open };
  if (how === 'rename' && one.kind === 'record') return { ...one, name: `${one.name}_`, alias: one.name };
  if (how === 'add' && one.kind === 'record')
    return { ...one, fields: [...one.fields, { name: 'added', type: replacement, optional: true }] };
  return one;
};

/** Applies edits by the number of the node they name, counted from the root. */
const applyEdits = (root: Tree, edits: readonly Edit[]): Tree => {
  let count = 0;
  const visit = (one: Tree): Tree => {
    count += 1;
    const here = edits.find(({ at }) => at === count);
    if (here) return editTree(one, here);
    if (one.kind === 'array' || one.kind === 'map') return { ...one, inner: visit(one.inner) };
    if (one.kind === 'union') return { ...one, branches: one.branches.map(visit) };
    if (one.kind !== 'record') return one;
    return {
      ...one,
      fields: one.fields.flatMap((field) => {
        count += 1;
        const change = edits.find(({ at }) => at === count);
        return change ? editField(field, change) : [{ ...field, type: visit(field.type) }];
      }),
    };
  };
  return visit(root);
};

/** A record's schema and the same after some edits. `recordsInUnions`: whether unions have records as branches. */
export const schemaPair = (recordsInUnions: boolean): fc.Arbitrary<readonly [AvroSchema, AvroSchema]> =>
  fc
    .tuple(record, fc.array(edit, { maxLength: 3 }))
    .map(([root, edits]) => [
      toAvro(root, recordsInUnions),
      toAvro(applyEdits(root, edits), recordsInUnions),
    ]);
