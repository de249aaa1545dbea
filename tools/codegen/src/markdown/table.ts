/** Text as a cell of a Markdown table. */
const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');

/** A Markdown table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |\n`).join('');

/** Text in the fixed width of code. */
export const code = (text: string): string => `\`${text}\``;

/** Names in the fixed width of code, or `–` if there are none. */
export const codes = (names: readonly string[]): string =>
  names.length === 0 ? '–' : names.map(code).join(', ');
