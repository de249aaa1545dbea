import type { Rounds } from './measurement.js';

const warmUpRounds = 4;
const rounds = 25;
/** Long enough to drown the timer's resolution and short enough that both halves of a round see the same machine. */
const roundMs = 60;

const rateOf = (work: () => void, times: number): number => {
  const from = performance.now();
  for (let time = 0; time < times; time += 1) work();
  return (times * 1000) / (performance.now() - from);
};

/**
 * Measures two pieces of work in turns, ABBA…, so that neither always runs first. Rates are calls per second, both
 * with the same number of calls a round.
 */
export const sideBySide = (subject: () => void, baseline: () => void): Rounds => {
  const times = Math.max(1, Math.round((rateOf(baseline, 20) * roundMs) / 1000));
  const rates = { subject: [] as number[], baseline: [] as number[] };
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['subject', 'baseline'] as const) : (['baseline', 'subject'] as const);
    for (const who of order) {
      const rate = rateOf(who === 'subject' ? subject : baseline, times);
      if (round >= 0) rates[who].push(rate);
    }
  }
  return rates;
};
