/** A kind, or all that begin alike: `drill.finished`, `drill.*`. */
export const kindPattern = /^[\w:/+-]+(\.[\w:/+-]+)*(\.\*)?$/;

/** What such a pattern is, for whoever has written another one. */
export const kindPatternForm = 'a kind such as drill.finished, or all that begin alike: drill.*';

/** True if a kind is the pattern's own, or begins as it says. */
export const matchesKind = (pattern: string, kind: string): boolean =>
  pattern.endsWith('.*') ? kind.startsWith(pattern.slice(0, -1)) : kind === pattern;
