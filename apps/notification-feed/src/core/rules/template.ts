/** A part of a template: text as it stands, or an expression with its offset in the template. */
export type TemplatePart = string | { readonly source: string; readonly offset: number };

export type ParsedTemplate =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly offset: number; readonly message: string; readonly allowed: string };

/** Offset of the `}}` that closes an expression, outside of its quoted texts; -1 if there is none. */
const closing = (text: string, from: number): number => {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (text.startsWith('}}', at)) return at;
  }
  return -1;
};

/** Splits `text {{ expression }} text` into its parts. */
export const parseTemplate = (text: string): ParsedTemplate => {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    const literal = text.slice(at, open < 0 ? undefined : open);
    if (literal !== '') parts.push(literal);
    if (open < 0) return { ok: true, parts };
    const close = closing(text, open + 2);
    if (close < 0)
      return { ok: false, offset: open, message: '{{ is not closed', allowed: '{{ expression }}' };
    const inside = text.slice(open + 2, close);
    const source = inside.trim();
    if (source === '')
      return { ok: false, offset: open, message: '{{ }} is empty', allowed: '{{ expression }}' };
    parts.push({ source, offset: open + 2 + (inside.length - inside.trimStart().length) });
    at = close + 2;
  }
};
