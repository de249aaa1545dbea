import type { Random } from './random.js';

/** What made-up texts and keys are made of. */
export const words = [
  'amber',
  'basalt',
  'cedar',
  'delta',
  'ember',
  'fjord',
  'garnet',
  'harbor',
  'iris',
  'juniper',
];

/** Bytes of one length. */
export const bytes = (random: Random, size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => random.whole(0, 255)));

const times: Readonly<Record<string, (at: number) => number>> = {
  date: (at) => Math.floor(at / 86_400_000),
  'time-millis': (at) => at % 86_400_000,
  'time-micros': (at) => (at % 86_400_000) * 1000,
  'timestamp-millis': (at) => at,
  'timestamp-micros': (at) => at * 1000,
  'local-timestamp-millis': (at) => at,
  'local-timestamp-micros': (at) => at * 1000,
};

const range = (examples: readonly unknown[], low: number, high: number): readonly [number, number] => {
  const numbers = examples.filter((example) => typeof example === 'number');
  return numbers.length === 0 ? [low, high] : [Math.min(...numbers), Math.max(...numbers)];
};

/** What an example cannot give: ids that differ, times that advance, numbers between the examples. */
export const primitive = (
  type: string,
  logicalType: string | undefined,
  random: Random,
  where: { readonly at: number; readonly examples: readonly unknown[] },
): unknown => {
  const time = logicalType === undefined ? undefined : times[logicalType];
  if (time) return time(where.at);
  const { examples } = where;
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return random.pick([true, false]);
    case 'int':
    case 'long':
      return random.whole(...range(examples, 0, type === 'int' ? 1000 : 1_000_000));
    case 'float':
    case 'double': {
      const [low, high] = range(examples, 0, 1);
      return Math.max(
        low,
        Math.min(high, Math.round((low + random.real() * (high - low)) * 10_000) / 10_000),
      );
    }
    case 'bytes':
      return bytes(random, random.whole(1, 16));
    default: {
      if (logicalType === 'uuid') return random.uuid();
      const texts = examples.filter((example) => typeof example === 'string');
      return texts.length > 0 ? random.pick(texts) : `${random.pick(words)}-${random.whole(1, 999)}`;
    }
  }
};
