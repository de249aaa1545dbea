import { endOfQuiet, isQuiet, isTimeZone, quietVerdict } from './quiet-hours.js';
import type { QuietHours } from './rule-format.js';

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const hours = (from: string, to: string, other: Partial<QuietHours> = {}): QuietHours => ({
  from: minutes(from),
  to: minutes(to),
  timeZone: 'Europe/Berlin',
  below: 'critical',
  then: 'hold',
  ...other,
});
const time = (text: string): number => Date.parse(text);
const end = (quiet: QuietHours, at: string): string => new Date(endOfQuiet(quiet, time(at))).toISOString();

it('is quiet from the first minute up to the last, by the clocks of the time zone', () => {
  const night = hours('22:00', '07:00');
  expect(isQuiet(night, time('2026-06-01T19:59:59Z'))).toBe(false);
  expect(isQuiet(night, time('2026-06-01T20:00:00Z'))).toBe(true);
  expect(isQuiet(night, time('2026-06-02T04:59:59Z'))).toBe(true);
  expect(isQuiet(night, time('2026-06-02T05:00:00Z'))).toBe(false);
  const noon = hours('12:00', '13:30');
  expect(isQuiet(noon, time('2026-01-15T11:00:00Z'))).toBe(true);
  expect(isQuiet(noon, time('2026-01-15T12:30:00Z'))).toBe(false);
});

it('ends when the clocks say so, also in the nights in which they change', () => {
  const night = hours('22:00', '07:00');
  expect(end(night, '2026-06-01T21:17:30Z')).toBe('2026-06-02T05:00:00.000Z');
  // 29 March 2026: 02:00 is 03:00, the night has one hour less.
  expect(end(night, '2026-03-28T21:00:00Z')).toBe('2026-03-29T05:00:00.000Z');
  // 25 October 2026: 03:00 is 02:00 once more, the night has one hour more.
  expect(end(night, '2026-10-24T20:00:00Z')).toBe('2026-10-25T06:00:00.000Z');
});

it('ends with the gap when its end is a time that the clocks skip', () => {
  expect(end(hours('22:00', '02:30'), '2026-03-29T00:30:00Z')).toBe('2026-03-29T01:00:00.000Z');
});

it('ends for the first time at a time that comes twice', () => {
  expect(end(hours('22:00', '02:30'), '2026-10-24T23:45:00Z')).toBe('2026-10-25T00:30:00.000Z');
  expect(isQuiet(hours('22:00', '02:30'), time('2026-10-25T01:10:00Z'))).toBe(true);
});

it('knows zones whose offset is no whole hour, and no others', () => {
  const night = hours('22:00', '06:00', { timeZone: 'Asia/Kathmandu' });
  expect(end(night, '2026-06-01T18:00:00Z')).toBe('2026-06-02T00:15:00.000Z');
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Mars/Olympus')).toBe(false);
});

it('is never ended before now, nor later than the day after', () => {
  for (let hour = 0; hour < 24 * 366; hour += 5) {
    const now = Date.UTC(2026, 0, 1, hour, 17, 31, 999);
    const quiet = hours('00:01', '00:00');
    const until = endOfQuiet(quiet, now);
    expect(until).toBeGreaterThanOrEqual(now);
    expect(until - now).toBeLessThanOrEqual(25 * 3_600_000);
    expect(isQuiet(quiet, until)).toBe(false);
  }
});

it('stops what is below the limit only, as it was told', () => {
  const now = time('2026-06-01T21:00:00Z');
  const until = time('2026-06-02T05:00:00Z');
  const night = hours('22:00', '07:00', { below: 'error' });
  expect(quietVerdict(night, 'warning', now)).toEqual({ then: 'hold', until });
  expect(quietVerdict({ ...night, then: 'drop' }, 'info', now)).toEqual({ then: 'drop' });
  expect(quietVerdict(night, 'error', now)).toEqual({ then: 'send' });
  expect(quietVerdict(night, 'warning', until)).toEqual({ then: 'send' });
  expect(quietVerdict(undefined, 'info', now)).toEqual({ then: 'send' });
});
