/** Reads `KEY=value` lines; empty lines and comments are skipped, and a pair of quotes around a value is taken off. */
export function parseEnvFile(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/.exec(line);
    const [, name, value] = match ?? [];
    return name === undefined || value === undefined
      ? []
      : [[name, value.replace(/^(['"])(.*)\1$/, '$2')] as const];
  });
  return Object.fromEntries(pairs);
}
