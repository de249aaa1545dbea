/** One variable that is missing, malformed or unreadable. */
export interface ConfigProblem {
  readonly variable: string;
  /** The form a valid value has. */
  readonly expected: string;
  /** The value that was given, without secrets; `nothing` when the variable is not set. */
  readonly given: string;
  /** What to do about it. */
  readonly fix: string;
}

/** The environment does not make a valid configuration; `problems` names every variable at once. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(describe(problems));
    this.name = 'ConfigError';
  }
}

function describe(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const lines = problems.map(
    ({ variable, expected, given, fix }) => `  ${variable}: expected ${expected}; given ${given}; ${fix}`,
  );
  return [`the configuration has ${count}:`, ...lines].join('\n');
}
