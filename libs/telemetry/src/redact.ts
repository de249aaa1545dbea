import { isDate, isMap, isNativeError, isSet } from 'node:util/types';

const secretName =
  /(password|passwd|passphrase|secrets?|token|authorization|cookie|api[-_]?key|private[-_]?key)$/i;
const censored = '[redacted]';
/** Deeper than anybody logs on purpose, and shallow enough to end on a cycle. */
const deepest = 8;

/** Hides the password of every URL in a text, and parameters that carry a secret. */
export function maskUrls(text: string): string {
  if (!text.includes('@') && !text.includes('=')) return text;
  return text
    .replace(/(:\/\/[^\s:/?#@]*:)\S*@/g, '$1***@')
    .replace(/([?&](?:password|token|secret|key|apikey|access_token)=)[^&\s]*/gi, '$1***');
}

/**
 * A copy of `value` that may be logged: what stands under a name like password, token, secret, authorization or cookie
 * is replaced, at any depth, and passwords inside URLs are masked. Numbers and booleans stay: a count of tokens is no
 * secret.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskUrls(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isDate(value) || ArrayBuffer.isView(value)) return value;
  if (depth >= deepest) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (isMap(value) || isSet(value)) return redact([...value], depth + 1);
  if (isNativeError(value)) return redactError(value, depth);
  return redactFields(value, depth);
}

const redactFields = (fields: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      secretName.test(name) && hides(field) ? censored : redact(field, depth + 1),
    ]),
  );

const redactError = (error: Error, depth: number): unknown => ({
  ...redactFields(error, depth),
  type: error.name,
  message: maskUrls(error.message),
  stack: maskUrls(error.stack ?? ''),
  ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
});

const hides = (field: unknown): boolean =>
  field !== undefined && field !== null && typeof field !== 'number' && typeof field !== 'boolean';
