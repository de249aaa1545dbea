import { styleText } from 'node:util';
import type { Gap, Notification, Severity } from '@soma/feed-client';

const colours: Readonly<Record<Severity, Parameters<typeof styleText>[0]>> = {
  info: [],
  warning: 'yellow',
  error: 'red',
  critical: ['bold', 'red'],
};

/** Texts of others must not move the cursor of a terminal, or turn a line around. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, ' ');

/** One line for a person; in colour where standard output is a terminal. */
export const feedLine = (notification: Notification): string => {
  const { happened_at, severity, kind, title, source, event } = notification;
  const from = event ? `${event.topic}[${event.partition}]@${event.offset}` : source;
  const word = styleText(colours[severity] ?? [], severity.padEnd(8), { stream: process.stdout });
  return `${happened_at}  ${word}  ${plain(kind.padEnd(18))}  ${plain(title)}  (${plain(from)})`;
};

const reasons: Readonly<Record<string, string>> = {
  retention: 'they are no longer kept',
  epoch: 'the cursor is of a feed that was replaced',
  'unknown-position': 'the feed has never been so far',
};

/** What a person is told about a part of the feed that is missing. */
export const gapLine = ({ from, to, reason, severities }: Gap): string => {
  const what = severities ? ` (${severities.join(', ')})` : '';
  const why = reasons[reason] ?? reason;
  return `GAP: notifications${what} behind ${plain(from)} up to ${plain(to)} are missing: ${plain(why)}`;
};
