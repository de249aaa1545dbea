import type { Notification, Severity } from '@soma/feed-client';

const severities = ['info', 'warning', 'error', 'critical'] as const satisfies readonly Severity[];
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** What was given to `feed tail`, as it was typed. */
export interface TailWords {
  readonly since?: string | undefined;
  readonly after?: string | undefined;
  readonly count?: string | undefined;
  readonly severity?: string | undefined;
  readonly kind?: string | undefined;
}

export interface TailPlan {
  /** Cursor or time to begin at; undefined if nothing was said. */
  readonly from: string | Date | undefined;
  /** How many are printed at most. */
  readonly count: number;
  /** Whether a notification is printed. */
  readonly wanted: (notification: Pick<Notification, 'kind' | 'severity'>) => boolean;
}

/** A time, or a duration before `now`, such as `90m`; undefined for what is neither. */
export const sinceOf = (text: string, now: number): Date | undefined => {
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const time =
    unit === undefined ? Date.parse(text) : now - Number(amount) * unitMs[unit as keyof typeof unitMs];
  if (unit === undefined && !rfc3339.test(text)) return undefined;
  return Number.isNaN(time) || time < 0 ? undefined : new Date(time);
};

/** Whether a kind fits a pattern, in which `*` stands for anything. */
export const fits = (pattern: string, kind: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(kind);
};

/** What the options ask for, or everything that is wrong with them. */
export const tailPlan = (
  { since, after, count, severity, kind }: TailWords,
  now: number,
): TailPlan | { readonly problems: readonly string[] } => {
  const time = since === undefined ? undefined : sinceOf(since, now);
  const least = severity === undefined ? 0 : (severities as readonly string[]).indexOf(severity);
  const problems = [
    ...(since !== undefined && !time
      ? [`--since ${since}: a time such as 2026-06-01T08:00:00Z, or how long ago, such as 30m, 2h or 7d`]
      : []),
    ...(since !== undefined && after !== undefined ? ['either --since or --after, not both'] : []),
    ...(count !== undefined && !/^[1-9]\d{0,8}$/.test(count)
      ? [`--count ${count}: a whole number from 1`]
      : []),
    ...(least < 0 ? [`--severity ${severity}: one of ${severities.join(', ')}`] : []),
  ];
  if (problems.length > 0) return { problems };
  return {
    from: after ?? time,
    count: count === undefined ? Infinity : Number(count),
    wanted: (notification) =>
      severities.indexOf(notification.severity) >= least &&
      (kind === undefined || fits(kind, notification.kind)),
  };
};
