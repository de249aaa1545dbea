/** Words joined the way AsyncAPI names things: `settings.changed` → `settingsChanged`. */
export const identifier = (...words: readonly string[]): string =>
  words
    .join('.')
    .split(/[^A-Za-z0-9]+/)
    .map((word, index) => (index === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join('');

/** A reference within the document. */
export const reference = (...path: readonly string[]): { $ref: string } => ({ $ref: `#/${path.join('/')}` });
