import { loadCatalogue } from '@soma/catalogue';
import type { Catalogue } from '@soma/contracts';
import { join } from 'node:path';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..', '..');

/** The catalogue of this repository. */
export const shippedCatalogue = async (): Promise<Catalogue> => {
  const result = await loadCatalogue(join(root, 'schemas'));
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.catalogue;
};
