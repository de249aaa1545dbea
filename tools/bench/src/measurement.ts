/** One measured number, with what it is compared with and what it should be. */
export interface Measurement {
  readonly suite: string;
  readonly scenario: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** The same metric of what it is compared with, in the same unit. */
  readonly baseline: number;
  /** How `value` stands to `baseline`: the median over rounds where there are rounds. */
  readonly ratio: number;
  /** In words, such as `ratio ≥ 0.9`. */
  readonly aim: string;
  readonly holds: boolean;
}

/** The middle of the numbers; of an even count the mean of the two in the middle. Throws when there are none. */
export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError('there is no median of nothing');
  return (low + high) / 2;
};

/** Rates per second, or times, of two contestants, round by round. */
export interface Rounds {
  readonly subject: readonly number[];
  readonly baseline: readonly number[];
}

/**
 * A row for rates that were measured side by side: each round is compared with the round beside it, so that what slows
 * the machine for a while slows both, and the median of these ratios counts.
 */
export const compareRates = (
  { subject, baseline }: Rounds,
  {
    atLeast,
    ...row
  }: Pick<Measurement, 'suite' | 'scenario' | 'metric' | 'unit'> & { readonly atLeast: number },
): Measurement => {
  const ratio = median(subject.map((rate, round) => rate / (baseline[round] ?? NaN)));
  return {
    ...row,
    value: Math.round(median(subject)),
    baseline: Math.round(median(baseline)),
    ratio: Number(ratio.toFixed(3)),
    aim: `ratio ≥ ${atLeast}`,
    holds: ratio >= atLeast,
  };
};

/** The same for times, of which less is better: `value` and `baseline` are in `unit`. */
export const compareTimes = (
  { subject, baseline }: Rounds,
  {
    atMost,
    ...row
  }: Pick<Measurement, 'suite' | 'scenario' | 'metric' | 'unit'> & { readonly atMost: number },
): Measurement => {
  const ratio = median(subject.map((time, round) => time / (baseline[round] ?? NaN)));
  return {
    ...row,
    value: Number(median(subject).toFixed(2)),
    baseline: Number(median(baseline).toFixed(2)),
    ratio: Number(ratio.toFixed(3)),
    aim: `ratio ≤ ${atMost}`,
    holds: ratio <= atMost,
  };
};
