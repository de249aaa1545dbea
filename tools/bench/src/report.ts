import type { Measurement } from './measurement.js';

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** The rows as a table for people. */
export const formatTable = (rows: readonly Measurement[]): string => {
  const cells = [
    ['suite', 'scenario', 'metric', 'value', 'baseline', 'unit', 'ratio', 'aim', 'holds'],
    ...rows.map((row) => [
      row.suite,
      row.scenario,
      row.metric,
      number(row.value),
      number(row.baseline),
      row.unit,
      row.ratio.toFixed(3),
      row.aim,
      row.holds ? 'yes' : 'NO',
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
