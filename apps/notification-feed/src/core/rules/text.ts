const longestValue = 500;
const longestTitle = 200;
const longestBody = 4_000;
const longestLink = 2_000;

/** At most `length` UTF-16 units, never half a character; what was cut off is an ellipsis. */
export const bounded = (text: string, length: number): string => {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
};

// Controls could move a terminal's cursor or begin a line of their own; bidirectional marks could turn text round.
const oneLine = (text: string): string =>
  text.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ');

/** A value of an expression in words. */
const plain = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean' || typeof value === 'number') return `${value}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (Array.isArray(value)) return value.map(plain).join(', ');
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
};

const valueText = (value: unknown): string => bounded(oneLine(plain(value)), longestValue);
const markdown = (text: string): string => text.replaceAll(/[\\`*_[\]<>#|!~&]/g, String.raw`\$&`);

/** A value as one line of plain text within Markdown. */
export const inMarkdown = (value: unknown): string => markdown(valueText(value));

/** A template whose expressions have become values. */
export type Filled = readonly (string | { readonly value: unknown })[];

const fill = (parts: Filled, write: (value: unknown) => string): string =>
  parts.map((part) => (typeof part === 'string' ? part : write(part.value))).join('');

/** A title: one line of plain text, at most 200 characters. */
export const titleText = (parts: Filled): string =>
  bounded(oneLine(fill(parts, valueText)).trim(), longestTitle);

/** A body: the template's own Markdown, with values that are none, at most 4000 characters. */
export const bodyText = (parts: Filled): string => bounded(fill(parts, inMarkdown), longestBody);

/** A link, its values encoded; null if it is none. */
export const linkText = (parts: Filled): string | null => {
  const url = fill(parts, (value) => encodeURIComponent(valueText(value)));
  return url.length <= longestLink && URL.canParse(url) ? url : null;
};
