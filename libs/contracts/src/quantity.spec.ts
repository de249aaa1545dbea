import fc from 'fast-check';
import { formatDuration, formatSize, parseDuration, parseSize } from './quantity.js';

describe('durations', () => {
  it.each([
    ['7d', 604_800_000],
    ['12h', 43_200_000],
    ['15m', 900_000],
    ['30s', 30_000],
    ['500ms', 500],
    ['500', 500],
    [500, 500],
    ['0', 0],
    [-1, -1],
    ['-1', -1],
  ])('reads %p as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'd', '7 d', '1.5h', '-2', '7w', '7D', 'soon', '99999999999999999d'])('refuses %p', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads back whatever it formats', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it('formats in the largest unit that is exact', () => {
    expect([604_800_000, 90_000_000, 61_000, 1500, 0].map(formatDuration)).toEqual([
      '7d',
      '25h',
      '61s',
      '1500ms',
      '0',
    ]);
  });
});

describe('sizes', () => {
  it.each([
    ['1GiB', 1_073_741_824],
    ['64KiB', 65_536],
    ['512B', 512],
    ['2097152', 2_097_152],
    [-1, -1],
  ])('reads %p as %d bytes', (text, size) => {
    expect(parseSize(text)).toBe(size);
  });

  it.each(['1GB', '1 GiB', '1kib', '-5'])('refuses %p', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });

  it('reads back whatever it formats', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }), (size) => {
        expect(parseSize(formatSize(size))).toBe(size);
      }),
    );
  });
});
