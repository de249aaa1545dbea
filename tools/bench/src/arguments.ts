/** What the command line asks for, or why it cannot be done. */
export type Arguments =
  | { readonly kind: 'run'; readonly suites: readonly string[]; readonly json?: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

/** Reads `[suite…] [--json FILE] [--help]`; no suite means all of them. */
export const parseArguments = (args: readonly string[], known: readonly string[]): Arguments => {
  const suites: string[] = [];
  let json: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--help' || arg === '-h') return { kind: 'help' };
    if (arg === '--json' || arg.startsWith('--json=')) {
      json = arg === '--json' ? args[(index += 1)] : arg.slice('--json='.length);
      if (!json)
        return { kind: 'wrong', message: '--json needs the file to write to, such as --json bench.json' };
    } else if (arg.startsWith('-')) {
      return { kind: 'wrong', message: `there is no option ${arg}; there are --json FILE and --help` };
    } else suites.push(arg);
  }
  const unknown = suites.filter((suite) => !known.includes(suite));
  if (unknown.length > 0) {
    return {
      kind: 'wrong',
      message: `there is no suite ${unknown.join(', ')}; there are ${known.join(', ')}`,
    };
  }
  return {
    kind: 'run',
    suites: suites.length > 0 ? [...new Set(suites)] : known,
    ...(json !== undefined && { json }),
  };
};
