import type { Path } from '../problem.js';
import { isName, nameForm, type Scope } from './avro-scope.js';
import type { Finding } from './source.js';

/** What is wrong with an enum's symbols and default. */
export function* enumFindings(
  type: Readonly<Record<string, unknown>>,
  at: Path,
  { symbolsEvolve }: Scope,
): Generator<Finding> {
  const symbols = Array.isArray(type['symbols']) ? (type['symbols'] as readonly unknown[]) : [];
  if (symbols.length === 0)
    yield { at: [...at, 'symbols'], message: 'an enum needs symbols', allowed: 'a list of names' };
  for (const [index, symbol] of symbols.entries()) {
    const here = [...at, 'symbols', index];
    if (!isName(symbol))
      yield { at: here, message: `${JSON.stringify(symbol)} is no symbol`, allowed: nameForm };
    if (symbols.indexOf(symbol) < index)
      yield { at: here, message: `${JSON.stringify(symbol)} stands here twice` };
  }
  const fallback = type['default'];
  if (fallback !== undefined && !symbols.includes(fallback))
    yield {
      at: [...at, 'default'],
      message: 'the default is none of the symbols',
      allowed: symbols.join(' | '),
    };
  if (fallback === undefined && symbolsEvolve)
    yield {
      at,
      message: `the enum ${String(type['name'])} has no default, so it can never get another symbol`,
      allowed: `"default": one of ${symbols.join(' | ')}`,
      severity: 'warning',
    };
}
