import type { QuietHours, Severity } from './rule-format.js';

const minuteMs = 60_000;
/** Longer than any day: one with a change of the clocks has 25 hours. */
const longestMinutes = 26 * 60;

const clocks = new Map<string, Intl.DateTimeFormat>();

const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  clocks.set(timeZone, clock);
  return clock;
};

/** True if the platform's time zone database has a zone of this name. */
export const isTimeZone = (name: string): boolean => {
  try {
    return clockOf(name) !== undefined;
  } catch {
    return false;
  }
};

/** Minutes since midnight that the clocks of a time zone show. */
const minuteOfDay = (timeZone: string, now: number): number => {
  const [hour, minute] = clockOf(timeZone).format(now).split(':');
  return Number(hour) * 60 + Number(minute);
};

const within = ({ from, to }: QuietHours, minute: number): boolean =>
  from < to ? from <= minute && minute < to : from <= minute || minute < to;

/** True if clocks in the time zone show a time from `from` up to, and without, `to`; over midnight if `to` is earlier. */
export const isQuiet = (hours: QuietHours, now: number): boolean =>
  within(hours, minuteOfDay(hours.timeZone, now));

/** The first minute after `now`, in milliseconds since the epoch, at which it is not quiet any more. */
export const endOfQuiet = (hours: QuietHours, now: number): number => {
  let at = Math.floor(now / minuteMs) * minuteMs;
  for (let minutes = 0; minutes < longestMinutes && isQuiet(hours, at); minutes += 1) at += minuteMs;
  return Math.max(at, now);
};

const order: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2, critical: 3 };

/** What quiet hours mean for a notification: send it, drop it, or hold it until the time that is given. */
export const quietVerdict = (
  hours: QuietHours | undefined,
  severity: Severity,
  now: number,
): { readonly then: 'send' | 'drop' } | { readonly then: 'hold'; readonly until: number } => {
  if (!hours || order[severity] >= order[hours.below] || !isQuiet(hours, now)) return { then: 'send' };
  return hours.then === 'drop' ? { then: 'drop' } : { then: 'hold', until: endOfQuiet(hours, now) };
};
