import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generatedFolder } from './generate.js';

/** How the checked-in files differ from what the catalogue gives; paths within the repository. */
export interface Drift {
  /** Missing, or with other content. */
  readonly stale: readonly string[];
  /** In the folder of generated modules, though nothing generates them. */
  readonly orphaned: readonly string[];
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Compares the files in the repository at `root` with what {@link generate} gives. */
export const findDrift = async (root: string, files: ReadonlyMap<string, string>): Promise<Drift> => {
  const compared = await Promise.all(
    [...files].map(async ([path, text]) => ((await readIfThere(join(root, path))) === text ? [] : [path])),
  );
  const present = await namesIn(join(root, generatedFolder));
  const orphaned = present.map((name) => `${generatedFolder}/${name}`).filter((path) => !files.has(path));
  return { stale: compared.flat(), orphaned };
};

/** Makes the repository at `root` equal to what {@link generate} gives; returns what differed before. */
export const writeGenerated = async (root: string, files: ReadonlyMap<string, string>): Promise<Drift> => {
  const drift = await findDrift(root, files);
  for (const path of drift.stale) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), files.get(path) ?? '');
  }
  for (const path of drift.orphaned) await rm(join(root, path));
  return drift;
};
