import { isDeepStrictEqual } from 'node:util';

/** Content of a JSON text; undefined if it is none. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Whether two texts are one schema: spaces, the order of members and how a number is written say nothing. */
export const sameSchema = (one: string, other: string): boolean => {
  const [a, b] = [jsonOf(one), jsonOf(other)];
  return a !== undefined && isDeepStrictEqual(a, b);
};

/** A JSON text, one member a line. Its tokens stay as they are written: `1.0`, and a long that no double can hold. */
export const laidOut = (json: string): string => {
  const tokens = json.match(/"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  const parts = tokens.map((token, index) => {
    const empty = /^[{[]$/.test(tokens[index - 1] ?? '');
    if (token === '{' || token === '[') {
      depth += 1;
      return /^[}\]]$/.test(tokens[index + 1] ?? '') ? token : token + line();
    }
    if (token === '}' || token === ']') {
      depth -= 1;
      return empty ? token : line() + token;
    }
    if (token === ',') return token + line();
    return token === ':' ? ': ' : token;
  });
  return `${parts.join('')}\n`;
};
