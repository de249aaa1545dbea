import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFiles, formatProblems, readFiles } from '@soma/catalogue';
import type { Catalogue } from '@soma/contracts';
import { CatalogueUnusable } from './adopt.js';
import { type Unmanaging, unmanaging } from './core/unmanage.js';

/** Replaces a file at once: whoever reads it sees it before or after. */
const replace = async (file: string, text: string): Promise<void> => {
  const next = `${file}.next`;
  await writeFile(next, text, { flag: 'wx' });
  await rename(next, file);
};

/**
 * Takes a topic of the catalogue out of its files and asks no server. Undefined if the catalogue has no such topic; throws
 * {@link CatalogueUnusable}, with nothing changed, if what is left would not be right.
 */
export const unmanage = async (
  directory: string,
  catalogue: Catalogue,
  topic: string,
): Promise<Unmanaging | undefined> => {
  const files = await readFiles(directory);
  const work = unmanaging(files, catalogue, topic);
  if (!work) return undefined;
  const rewritten = new Map(work.rewrite.map(({ path, text }) => [path, text]));
  const rest = files
    .filter(({ path }) => !work.remove.includes(path))
    .map(({ path, text }) => ({ path, text: rewritten.get(path) ?? text }));
  const { ok, problems } = checkFiles(rest);
  if (!ok) {
    const words = formatProblems(problems.filter(({ severity }) => severity === 'error'));
    throw new CatalogueUnusable(
      `nothing was changed: without ${topic} the catalogue would be wrong:\n${words}`,
    );
  }
  // The spec goes first: whatever a crash leaves of the rest is an error of the catalogue, and no apply can use it.
  for (const path of work.remove) await rm(join(directory, path));
  for (const { path, text } of work.rewrite) await replace(join(directory, path), text);
  return work;
};
