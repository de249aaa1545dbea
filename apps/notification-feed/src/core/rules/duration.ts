import { z } from 'zod';

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const longestMs = 31 * unitMs.d;

/** `10m` in milliseconds; NaN for what is no duration. */
const milliseconds = (text: string): number => {
  const [, amount, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  return unit === undefined ? NaN : Number(amount) * unitMs[unit as keyof typeof unitMs];
};

/** A duration as files write it, such as `10m`: its text, and its milliseconds. */
export const duration = z
  .string()
  .refine((text) => milliseconds(text) <= longestMs, {
    error: 'does not fit',
    params: { allowed: 'a duration from 1s to 31d, such as 30s, 10m, 1h or 7d' },
  })
  .transform((text) => ({ text, ms: milliseconds(text) }));
