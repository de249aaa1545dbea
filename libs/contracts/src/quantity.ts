const milliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const bytes: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const parse = (text: string | number, units: Readonly<Record<string, number>>): number | undefined => {
  if (text === -1 || text === '-1') return -1;
  const [, digits, unit] = /^(\d+)([A-Za-z]*)$/.exec(String(text)) ?? [];
  const factor = unit === '' ? 1 : units[unit ?? ''];
  const value = factor === undefined ? Number.NaN : Number(digits) * factor;
  return Number.isSafeInteger(value) ? value : undefined;
};

/** What {@link parseDuration} accepts, for messages. */
export const durationForm =
  'a duration such as 500ms, 30s, 15m, 12h or 7d, a number of milliseconds, or -1 for no limit';

/** What {@link parseSize} accepts, for messages. */
export const sizeForm =
  'a size such as 512B, 64KiB, 16MiB, 1GiB or 1TiB, a number of bytes, or -1 for no limit';

/** Milliseconds of `7d`, `12h`, `15m`, `30s`, `500ms`, a plain number, or -1 (no limit); undefined if it is none of these. */
export const parseDuration = (text: string | number): number | undefined => parse(text, milliseconds);

/** Bytes of `1GiB`, `16MiB`, `64KiB`, `512B`, a plain number, or -1 (no limit); undefined if it is none of these. */
export const parseSize = (text: string | number): number | undefined => parse(text, bytes);

const format = (value: number, units: Readonly<Record<string, number>>, base: string): string => {
  if (value <= 0) return String(value);
  const [unit, factor] = Object.entries(units).findLast(([, size]) => value % size === 0) ?? [base, 1];
  return `${value / factor}${unit}`;
};

/** The shortest exact form that {@link parseDuration} reads back: 604800000 → `7d`. */
export const formatDuration = (ms: number): string => format(ms, milliseconds, 'ms');

/** The shortest exact form that {@link parseSize} reads back: 1073741824 → `1GiB`. */
export const formatSize = (size: number): string => format(size, bytes, 'B');
