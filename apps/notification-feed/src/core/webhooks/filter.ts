import type { Severity } from '../notification.js';

/** Which notifications of its squad a webhook is for. */
export interface Filter {
  /** A kind, or `prefix.*` for all that begin so; none stands for all kinds. */
  readonly kinds: readonly string[];
  readonly minSeverity: Severity;
}

/** Least first. */
export const severities = ['info', 'warning', 'error', 'critical'] as const satisfies readonly Severity[];

/** Kind of what the feed tells a squad when one of its webhooks was disabled; `metadata.webhook` says which. */
export const disabledKind = 'feed.webhook.disabled';

/** What a filter looks at. */
export interface Filtered {
  readonly kind: string;
  readonly severity: Severity;
  readonly metadata: Readonly<Record<string, string>>;
}

const matchesKind = (pattern: string, kind: string): boolean =>
  pattern.endsWith('.*') ? kind.startsWith(pattern.slice(0, -1)) : kind === pattern;

/** Whether a webhook is for a notification. That it was disabled itself is for the squad's others. */
export const matches = (
  webhook: { readonly id: string; readonly filter: Filter },
  { kind, severity, metadata }: Filtered,
): boolean => {
  const { kinds, minSeverity } = webhook.filter;
  if (kind === disabledKind && metadata['webhook'] === webhook.id) return false;
  return (
    severities.indexOf(severity) >= severities.indexOf(minSeverity) &&
    (kinds.length === 0 || kinds.some((pattern) => matchesKind(pattern, kind)))
  );
};
