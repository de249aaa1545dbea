/** Where a text stops being JSON, from 0, and what would have had to stand there. */
export interface JsonFault {
  readonly offset: number;
  readonly expected: string;
}

const tokens =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

const blanks = /[ \t\n\r]*/y;

class Fault extends Error {
  constructor(readonly at: JsonFault) {
    super(at.expected);
  }
}

/** JSON.parse says what is wrong but not always where; this says where. Undefined if the text is JSON. */
export const jsonFault = (text: string): JsonFault | undefined => {
  let offset = 0;

  const peek = (): string => {
    blanks.lastIndex = offset;
    offset += blanks.exec(text)?.[0].length ?? 0;
    tokens.lastIndex = offset;
    return tokens.exec(text)?.[0] ?? '';
  };
  const take = (expected: string, fits: (token: string) => boolean): string => {
    const token = peek();
    if (!fits(token)) throw new Fault({ offset, expected });
    offset += token.length;
    return token;
  };
  const list = (close: string, item: () => void): void => {
    if (peek() === close) {
      take(close, () => true);
      return;
    }
    do item();
    while (take(`, or ${close}`, (token) => token === ',' || token === close) === ',');
  };
  const member = (): void => {
    take('a name in double quotes', (token) => token.startsWith('"'));
    take(':', (token) => token === ':');
    value();
  };
  const value = (): void => {
    const token = take('a value', (one) => one !== '' && !']},:'.includes(one));
    if (token === '{') list('}', member);
    if (token === '[') list(']', value);
  };

  try {
    value();
    peek();
    return offset === text.length ? undefined : { offset, expected: 'the end' };
  } catch (error) {
    if (error instanceof Fault) return error.at;
    throw error;
  }
};
