import { formatProblems, loadCatalogue } from '@soma/catalogue';
import type { Catalogue, CatalogueTopic } from '@soma/contracts';
import { CommandFailure, exitCodes } from './exit.js';

/** The catalogue of a directory, or a failure that lists every problem in it. */
export const requireCatalogue = async (directory: string): Promise<Catalogue> => {
  const result = await loadCatalogue(directory);
  if (!result.ok) throw new CommandFailure(formatProblems(result.problems), exitCodes.config);
  return result.catalogue;
};

/** One topic of it; the failure lists those there are. */
export const requireTopic = (catalogue: Catalogue, topic: string): CatalogueTopic => {
  const found = catalogue.topics.find(({ spec }) => spec.topic === topic);
  if (found) return found;
  const known = catalogue.topics.map(({ spec }) => spec.topic).join(', ');
  throw new CommandFailure(`the catalogue has no topic ${topic}; it has ${known}`, exitCodes.usage);
};
