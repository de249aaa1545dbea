/** Prints a command's result: as one JSON document for programs, or as the given text for people. */
export const print = (json: boolean, data: unknown, text: () => string): void => {
  process.stdout.write(`${json ? JSON.stringify(data, bigintAsText, 2) : text()}\n`);
};

const bigintAsText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

/** Columns of equal width, two spaces apart; the first row is the heading. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
