import type { Notification, Severity } from '../notification.js';
import { inMarkdown } from '../rules/text.js';
import { severities } from '../severity.js';

export const digestKind = 'feed.digest';

/** Most of each list that a digest has; the counts are of all. */
export const digestLengths = { kinds: 20, unacknowledged: 20, groups: 10 } as const;

/** What a squad was told within a time. */
export interface Digest {
  readonly squad: string;
  /** From here up to, and without, `to`: when the feed stored it; milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly severities: Readonly<Partial<Record<Severity, number>>>;
  /** The most frequent first. */
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  /** Criticals that the squad has not acknowledged: how many, and the newest. */
  readonly unacknowledged: {
    readonly count: number;
    readonly notifications: readonly {
      readonly position: string;
      readonly kind: string;
      readonly title: string;
      readonly storedAt: number;
    }[];
  };
  /** What came more than once under one `dedupe_key`, the most frequent first, with the newest title. */
  readonly groups: readonly { readonly dedupeKey: string; readonly title: string; readonly count: number }[];
}

/** How many notifications it tells of. */
const totalOf = (digest: Digest): number =>
  severities.reduce((sum, severity) => sum + (digest.severities[severity] ?? 0), 0);

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `Mon 23 Nov 2026, 08:00`. */
const clock = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (time: number): string => {
    const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
    return `${part['weekday']} ${part['day']} ${part['month']} ${part['year']}, ${part['hour']}:${part['minute']}`;
  };
};

const section = (title: string, lines: readonly string[], left: number): readonly string[] => {
  if (lines.length === 0) return [];
  const rest = left > 0 ? [`- and ${left} more`] : [];
  return ['', `### ${title}`, '', ...lines.map((line) => `- ${line}`), ...rest];
};

/** A digest in Markdown: what waits for somebody first, then what came most often. Times are those of the time zone. */
export const digestBody = (digest: Digest, timeZone: string): string => {
  const { from, to, kinds, unacknowledged, groups } = digest;
  const total = totalOf(digest);
  const at = clock(timeZone);
  const counts = severities.toReversed().flatMap((severity) => {
    const count = digest.severities[severity] ?? 0;
    return count > 0 ? [`${count} ${severity}`] : [];
  });
  const waiting = unacknowledged.notifications.map(
    ({ position, kind, title, storedAt }) =>
      `**${inMarkdown(title)}** (${inMarkdown(kind)}, ${at(storedAt)}, position ${position})`,
  );
  const listed = kinds.reduce((sum, { count }) => sum + count, 0);
  return [
    `${plural(total, 'notification')} from ${at(from)} to ${at(to)} (${timeZone})${total > 0 ? `: ${counts.join(', ')}` : ''}.`,
    ...section('Not acknowledged', waiting, unacknowledged.count - waiting.length),
    ...section(
      'More than once',
      groups.map(
        ({ dedupeKey, title, count }) => `${count} × ${inMarkdown(title)} (${inMarkdown(dedupeKey)})`,
      ),
      0,
    ),
    ...section(
      'By kind',
      kinds.map(({ kind, count }) => `${count} × ${inMarkdown(kind)}`),
      total - listed,
    ),
  ].join('\n');
};

/** A digest as the squad is told it; undefined if there is nothing to tell. */
export const digestNotification = (digest: Digest, timeZone: string): Notification | undefined => {
  const total = totalOf(digest);
  if (total === 0) return undefined;
  const { squad, from, to, unacknowledged } = digest;
  const waiting = unacknowledged.count > 0 ? `, ${unacknowledged.count} critical not acknowledged` : '';
  return {
    squads: [squad],
    source: 'notification-feed',
    kind: digestKind,
    severity: 'info',
    title: `Digest of ${squad}: ${plural(total, 'notification')}${waiting}`,
    body: digestBody(digest, timeZone),
    link: null,
    dedupeKey: `digest/${squad}`,
    metadata: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    happenedAt: to,
  };
};

/** Idempotency key of a scheduled digest. */
export const digestOrigin = (squad: string, at: number): string =>
  `digest:${squad}:${new Date(at).toISOString()}`;
