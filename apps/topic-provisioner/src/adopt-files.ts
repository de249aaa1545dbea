import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SourceFile } from '@soma/catalogue';

/**
 * Writes files in their order, all of them or none, and never over one that is there. Answers why nothing was written,
 * or undefined when everything was.
 */
export const writeNew = async (
  directory: string,
  files: readonly SourceFile[],
): Promise<string | undefined> => {
  const made: string[] = [];
  for (const { path, text } of files) {
    const file = join(directory, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: 'wx' });
      made.push(file);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A file that could only be begun is ours, too; one that was there before is not.
      const ours = code === 'EEXIST' || code === 'EISDIR' ? made : [...made, file];
      for (const one of ours) await rm(one, { force: true });
      return code === 'EEXIST' ? `${path} is there already and was left as it is` : `${path}: ${message}`;
    }
  }
  return undefined;
};
