import { fileURLToPath } from 'node:url';
import { formatProblems, generateEvent, loadCatalogue } from '@soma/catalogue';
import type { EventOf, TopicName } from '@soma/contracts';

const schemas = fileURLToPath(new URL('../../../schemas', import.meta.url));
const seed = 1;

/** The first `count` events of a topic's generated series: varied, valid, the same in every run. */
export const generatedEvents = async <T extends TopicName>(
  topic: T,
  count: number,
): Promise<EventOf<T>[]> => {
  const result = await loadCatalogue(schemas);
  if (!result.ok) throw new Error(`the catalogue is wrong:\n${formatProblems(result.problems)}`);
  const declared = result.catalogue.topics.find(({ spec }) => spec.topic === topic);
  if (!declared) throw new Error(`the catalogue has no topic ${topic}`);
  return Array.from(
    { length: count },
    (_, index) => generateEvent(declared, seed, index)?.value as unknown as EventOf<T>,
  );
};
