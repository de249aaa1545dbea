import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceFile } from '@soma/catalogue';

/** The rule files `<squad>.yaml` of a directory, in the order of their names; rejects if it cannot be read. */
export const readRuleFiles = async (directory: string): Promise<readonly SourceFile[]> => {
  const names = (await readdir(directory, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.yaml'))
    .map(({ name }) => name)
    .toSorted();
  return Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { path, text: await readFile(path, 'utf8') };
    }),
  );
};
