const width = 108;

const quoted = (text: string): string => {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
};

/** `__proto__: value` would set the prototype instead of a member, quoted or not; only computed it is a name. */
const key = (name: string): string => {
  if (name === '__proto__') return `['__proto__']`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
};

/** A JSON value as a TypeScript literal, on one line where it fits, broken like Prettier would where it does not. */
export const literal = (value: unknown, indent = '', used = 0): string => {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  const isList = Array.isArray(value);
  const entries = isList
    ? value.map((item: unknown) => ({ label: '', item }))
    : Object.entries(value).map(([name, item]: [string, unknown]) => ({ label: `${key(name)}: `, item }));
  const [open, close] = isList ? '[]' : '{}';
  if (entries.length === 0) return `${open}${close}`;
  const inner = entries.map(({ label, item }) => `${label}${literal(item, deeper, label.length)}`);
  const space = isList ? '' : ' ';
  const flat = `${open}${space}${inner.join(', ')}${space}${close}`;
  if (!flat.includes('\n') && indent.length + used + flat.length <= width) return flat;
  return `${open}\n${inner.map((line) => `${deeper}${line},\n`).join('')}${indent}${close}`;
};
