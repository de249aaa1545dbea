import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { maskValue } from './mask.js';
import { closest } from './suggest.js';

type Environment = Readonly<Record<string, string | undefined>>;
type Source = { readonly value: string | undefined } | { readonly problem: ConfigProblem };

/**
 * Turns the environment into a frozen configuration; the only place that reads variables. A variable `X` may be given
 * as `X_FILE`, the path of a file that holds the value. An empty variable counts as not set.
 *
 * @throws ConfigError that names every missing, malformed or unreadable variable at once.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Environment = process.env): z.output<S> {
  const variables = Object.keys(schema.shape);
  const sources = variables.map((variable) => [variable, read(variable, variables, env)] as const);
  const given = Object.fromEntries(
    sources.map(([name, from]) => [name, 'value' in from ? from.value : undefined]),
  );
  const unreadable = sources.flatMap(([, from]) => ('problem' in from ? [from.problem] : []));
  const parsed = schema.safeParse(given);
  if (parsed.success && unreadable.length === 0) return deepFreeze(parsed.data);

  const reported = new Set<unknown>(unreadable.map(({ variable }) => variable));
  const issues = (parsed.error?.issues ?? []).filter(
    ({ path: [name] }) => ![name, `${String(name)}_FILE`].some((known) => reported.has(known)),
  );
  const strays = misspellings(variables, env);
  throw new ConfigError([
    ...unreadable,
    ...merge(issues.map((issue) => toProblem(issue, schema, given, strays))),
  ]);
}

function read(variable: string, variables: readonly string[], env: Environment): Source {
  const value = env[variable] || undefined;
  const fileVariable = `${variable}_FILE`;
  const file = variables.includes(fileVariable) ? undefined : env[fileVariable] || undefined;
  if (file === undefined) return { value };
  const given = maskValue(fileVariable, file);
  if (value !== undefined) {
    const fix = `unset one of the two`;
    return { problem: { variable, expected: `either ${variable} or ${fileVariable}`, given: 'both', fix } };
  }
  try {
    return { value: readFileSync(file, 'utf8').trim() || undefined };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const fix = `make that file readable for this user (${reason})`;
    return { problem: { variable: fileVariable, expected: 'path of a readable file', given, fix } };
  }
}

function toProblem(
  issue: z.core.$ZodIssue,
  schema: z.ZodObject,
  given: Environment,
  strays: readonly string[],
): ConfigProblem {
  const variable = String(issue.path[0] ?? '(all)');
  const value = given[variable];
  const expected = description(schema.shape[variable]) ?? issue.message;
  if (value !== undefined || issue.path.length === 0) {
    const fix = issue.message === expected ? `correct ${variable}` : `correct it (${issue.message})`;
    return {
      variable,
      expected,
      given: value === undefined ? 'these values' : maskValue(variable, value),
      fix,
    };
  }
  const stray = closest(variable, strays) ?? closest(`${variable}_FILE`, strays);
  const hint = stray ? ` (${stray} is set: did you mean ${variable}?)` : '';
  return { variable, expected, given: 'nothing', fix: `set ${variable} or ${variable}_FILE${hint}` };
}

/** A variable that fails several checks is one problem with several remarks. */
function merge(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const byVariable = Map.groupBy(problems, ({ variable }) => variable);
  return [...byVariable.values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, fix: [first.fix, ...others.map(({ fix }) => fix)].join(', ') }] : [],
  );
}

function misspellings(variables: readonly string[], env: Environment): string[] {
  const known = new Set(variables.flatMap((variable) => [variable, `${variable}_FILE`]));
  return Object.keys(env).filter((name) => /^SOMA_/i.test(name) && !known.has(name));
}

/** The `.describe()` text of a field, also when it was given before `.optional()` or `.default()`. */
function description(field: unknown): string | undefined {
  const type = field as { description?: string; def?: { innerType?: unknown } } | undefined;
  return type?.description ?? (type?.def?.innerType ? description(type.def.innerType) : undefined);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value))
    return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
