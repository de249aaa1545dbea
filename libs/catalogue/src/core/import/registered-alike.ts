import { type AvroSchema, registeredType } from '@soma/contracts';
import { isDeepStrictEqual } from 'node:util';
import type { Path, Problem } from '../../problem.js';
import { isRecord } from '../loose.js';
import type { Source, SourceFile } from '../source.js';

const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

const isExact = (number: string): boolean =>
  Number.isFinite(Number(number)) && (!/^-?\d+$/.test(number) || BigInt(number) === BigInt(Number(number)));

function* inexactNumbers({ path: file, text }: SourceFile): Generator<Problem> {
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token.startsWith('"') || isExact(token)) continue;
    const before = text.slice(0, index).split('\n');
    yield {
      file,
      line: before.length,
      column: (before.at(-1) ?? '').length + 1,
      path: '',
      message: `the number ${token} would not be registered as it stands: it is no exact JavaScript number`,
      allowed: `whole numbers up to ${Number.MAX_SAFE_INTEGER}`,
      severity: 'error',
    };
  }
}

/** Keys that lead to the first value that two JSON values do not share; undefined if they are equal. */
const firstDifference = (a: unknown, b: unknown, at: Path = []): Path | undefined => {
  if (isDeepStrictEqual(a, b)) return undefined;
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length)
    for (const index of a.keys()) {
      const inner = firstDifference(a[index], b[index], [...at, index]);
      if (inner) return inner;
    }
  if (isRecord(a) && isRecord(b))
    for (const key of Object.keys(a)) {
      const inner = Object.hasOwn(b, key) ? firstDifference(a[key], b[key], [...at, key]) : [...at, key];
      if (inner) return inner;
    }
  return at;
};

/** Why a schema would be registered otherwise than it stands in its file; none if it would not. */
export function* registeredOtherwise(file: SourceFile, source: Source): Generator<Problem> {
  yield* inexactNumbers(file);
  const given: unknown = JSON.parse(file.text);
  const at = firstDifference(given, registeredType(given as AvroSchema));
  if (at)
    yield source.problem({
      at,
      on: 'key',
      message: `${String(at.at(-1) ?? 'the schema')} would not be registered: it is an attribute of this catalogue`,
      allowed: 'a schema without it; it can be added after the import',
    });
}
