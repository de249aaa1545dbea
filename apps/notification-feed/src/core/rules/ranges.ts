/** Offsets from the first up to, and without, the second. */
export type Range = readonly [from: bigint, to: bigint];

/** Offsets that were handled: ranges in order that neither touch nor overlap. */
export type Ranges = readonly Range[];

/**
 * Ranges kept of a partition. Handled offsets grow together into one range; only offsets that never come, such as those of
 * dead letters, stay as gaps. Beyond this many the oldest gap counts as handled: it lies a thousand gaps behind.
 */
const most = 1_000;

/** True if the offset was handled. */
export const includes = (ranges: Ranges, offset: bigint): boolean =>
  ranges.some(([from, to]) => from <= offset && offset < to);

/** The ranges with one more offset. */
export const withOffset = (ranges: Ranges, offset: bigint): Ranges => {
  if (includes(ranges, offset)) return ranges;
  const below = ranges.filter(([, to]) => to < offset);
  const above = ranges.filter(([from]) => from > offset + 1n);
  const touching = ranges.filter(([from, to]) => to >= offset && from <= offset + 1n);
  const from = touching[0]?.[0] ?? offset;
  const to = touching.at(-1)?.[1] ?? offset;
  const joined: Range[] = [
    ...below,
    [from < offset ? from : offset, to > offset + 1n ? to : offset + 1n],
    ...above,
  ];
  const [first, second, ...rest] = joined;
  return joined.length > most && first && second ? [[first[0], second[1]], ...rest] : joined;
};
