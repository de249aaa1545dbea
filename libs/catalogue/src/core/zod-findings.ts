import type { z } from 'zod';
import type { Path } from '../problem.js';
import { valueAt } from './loose.js';
import type { Finding } from './source.js';

interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly in?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
}

const definitionOf = (schema: z.core.$ZodType): Definition => {
  const definition = schema._zod.def as Definition;
  const inner = definition.in ?? definition.innerType;
  return inner === undefined ? definition : definitionOf(inner);
};

/** What the schema says about the value at `path`. */
const definitionAt = (schema: z.core.$ZodType, path: Path): Definition | undefined => {
  const definition = definitionOf(schema);
  const [head, ...rest] = path;
  if (head === undefined) return definition;
  const next = definition.shape?.[head] ?? definition.element ?? definition.valueType;
  return next && definitionAt(next, rest);
};

const words: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true | false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

const allowedBy = (issue: z.core.$ZodIssue, definition: Definition | undefined): string | undefined => {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.join(' | ');
    case 'invalid_type':
      return words[definition?.format === 'safeint' ? 'int' : issue.expected] ?? issue.expected;
    case 'too_small':
      if (issue.origin === 'string') return 'a text that is not empty';
      if (issue.origin === 'array') return 'a list that is not empty';
      return issue.inclusive === false
        ? `a number above ${issue.minimum}`
        : `a whole number from ${issue.minimum} up`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'custom':
      return issue.params?.['allowed'] as string | undefined;
    default:
      return issue.message;
  }
};

const shown = (value: unknown): string => {
  if (value === null) return 'it is empty';
  if (typeof value === 'object') return Array.isArray(value) ? 'it is a list' : 'it is a mapping';
  return `${JSON.stringify(value)} does not fit`;
};

/** Zod's issues as findings: what is wrong, where, and what is allowed there. */
export const zodFindings = (schema: z.ZodType, value: unknown): readonly Finding[] => {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue): readonly Finding[] => {
    const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const allowed = allowedBy(issue, definitionAt(schema, at));
    if (issue.code === 'unrecognized_keys') {
      const keys = Object.keys(definitionAt(schema, at)?.shape ?? {}).join(', ');
      return issue.keys.map((key) => ({
        at: [...at, key],
        on: 'key',
        message: 'unknown key',
        allowed: keys,
      }));
    }
    const given = valueAt(value, at);
    const message =
      issue.code === 'custom' ? issue.message : given === undefined ? 'is missing' : shown(given);
    return [{ at, message, ...(allowed !== undefined && { allowed }) }];
  });
};
