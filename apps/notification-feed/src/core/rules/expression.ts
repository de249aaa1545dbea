import { type Environment, ParseError } from '@marcbachmann/cel-js';
import type { RecordFields } from './avro-cel.js';

/** Values of an expression's variables. */
export type Context = Readonly<Record<string, unknown>>;

/** A checked expression; throws where the values do not allow an answer, such as a key that a map does not have. */
export type Expression = (context: Context) => unknown;

/** What is wrong with an expression, and how far into it. */
export interface Fault {
  readonly offset: number;
  readonly message: string;
  readonly allowed?: string;
}

export type Compiled =
  { readonly ok: true; readonly expression: Expression } | { readonly ok: false; readonly fault: Fault };

/** What an expression may answer, by what it is for. */
export const answers = {
  condition: { types: ['bool'], allowed: 'a condition: true or false' },
  amount: { types: ['int'], allowed: 'a whole number (int), such as event.cost' },
  group: { types: ['string', 'int', 'bool'], allowed: 'a text, a whole number or true | false' },
  text: { types: undefined, allowed: '' },
} as const;

export type Purpose = keyof typeof answers;

interface CheckError {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number };
  readonly node?: { readonly op?: string; readonly args?: unknown };
}

const variablesOf = (environment: Environment): string =>
  environment
    .getDefinitions()
    .variables.map(({ name }) => name)
    .filter((name) => ['event', 'headers', 'topic', 'key', 'at', 'group'].includes(name))
    .join(', ');

/** Fields that there are where an unknown one was named. */
const fieldsAt = (
  environment: Environment,
  fields: RecordFields,
  source: string,
  { node }: CheckError,
): string | undefined => {
  if (node?.op !== '.') return undefined;
  const [receiver] = node.args as readonly { readonly start: number; readonly end: number }[];
  const type = receiver && environment.check(source.slice(receiver.start, receiver.end)).type;
  const known = fields.get(String(type));
  return (known ?? [...fields.values()].flat()).join(', ');
};

const faultOf = (
  environment: Environment,
  fields: RecordFields,
  source: string,
  error: CheckError,
): Fault => {
  const offset = error.range?.start ?? 0;
  const at = source.slice(offset);
  switch (error.code) {
    case 'no_such_key': {
      const name = /^\w+/.exec(at)?.[0] ?? error.summary;
      const allowed = fieldsAt(environment, fields, source, error);
      return { offset, message: `there is no field ${name}`, ...(allowed !== undefined && { allowed }) };
    }
    case 'unknown_variable':
      return {
        offset,
        message: `there is no ${/^\w+/.exec(at)?.[0] ?? 'such variable'}`,
        allowed: variablesOf(environment),
      };
    default:
      return { offset, message: `${error instanceof ParseError ? 'no CEL' : 'CEL'}: ${error.summary}` };
  }
};

/** Parses an expression and checks its types against those of its topic. */
export const compile = (
  environment: Environment,
  fields: RecordFields,
  source: string,
  purpose: Purpose,
): Compiled => {
  const { valid, type, error } = environment.check(source);
  if (!valid) {
    if (!error) return { ok: false, fault: { offset: 0, message: 'no CEL' } };
    return { ok: false, fault: faultOf(environment, fields, source, error) };
  }
  const { types, allowed } = answers[purpose];
  if (types && type !== 'dyn' && !types.some((one) => one === type))
    return { ok: false, fault: { offset: 0, message: `this is ${type}`, allowed } };
  const parsed = environment.parse(source);
  return { ok: true, expression: (context) => parsed(context) as unknown };
};
