import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent } from '../files.js';

const manifestName = 'manifest.json';
const manifestSchema = z.array(z.tuple([z.string(), z.number(), z.number()]));

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== manifestName)
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** Notes size and modification time of every file of a folder whose content was just verified. */
export const writeManifest = (folder: string): void => {
  const rows = filesOf(folder).map((file) => {
    const { size, mtimeMs } = statSync(join(folder, file));
    return [file, size, mtimeMs];
  });
  writeFileSync(join(folder, manifestName), JSON.stringify(rows));
};

/** The files that are no longer as they were when verified; undefined if the folder was never verified. Costs one stat per file. */
export const changedFiles = (folder: string): string[] | undefined => {
  const text = readIfPresent(join(folder, manifestName));
  if (text === undefined) return undefined;
  let rows: z.infer<typeof manifestSchema>;
  try {
    rows = manifestSchema.parse(JSON.parse(text));
  } catch {
    return [manifestName];
  }
  return rows.flatMap(([file, size, mtimeMs]) => {
    const now = statSync(join(folder, file), { throwIfNoEntry: false });
    return now?.size === size && now.mtimeMs === mtimeMs ? [] : [file];
  });
};
