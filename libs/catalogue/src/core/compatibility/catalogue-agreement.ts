import type { TopicSpec } from '@soma/contracts';
import { type Problem, sortProblems } from '../../problem.js';
import { readSpecs } from '../read-specs.js';
import type { SourceFile } from '../source.js';
import { type TopicBefore, topicAgreement } from './topic-agreement.js';

const removed = ({ owner, topic, consumers }: TopicSpec): Problem => {
  const who = consumers.map(({ service, squad }) => `${service} (${squad})`).join(', ');
  return {
    file: `${owner}/${topic}.yaml`,
    line: 1,
    column: 1,
    path: '',
    message: `the topic ${topic} was removed${consumers.length > 0 ? `, but has the consumers ${who}` : '; nobody consumed it'}`,
    ...(consumers.length > 0 && { allowed: 'the topic, deprecated, until nobody consumes it' }),
    severity: consumers.length > 0 ? 'error' : 'note',
    topic,
    consumers: consumers.map(({ service, squad }) => ({ service, squad })),
  };
};

/**
 * What has changed in the files of a catalogue against what stood before, and whom it hits: an error for each version
 * that a topic's level demands and its schema does not get on with, and for what is gone while it still has consumers;
 * a warning for a weaker level and for values that mean something else; a note for every other change of a field.
 * `before` is by topic; a topic that it does not name is new. Files that cannot be read are left out: checkFiles says
 * what is wrong with them. Pure.
 */
export const catalogueAgreement = (
  files: readonly SourceFile[],
  before: ReadonlyMap<string, TopicBefore>,
): readonly Problem[] => {
  const readings = readSpecs(files);
  // A spec that cannot be read has not gone.
  const present = new Set(
    readings.flatMap(({ source, spec }) => [
      spec?.topic ?? (source.file.split('/')[1] ?? '').replace(/\.yaml$/, ''),
    ]),
  );
  const gone = [...before].flatMap(([topic, { spec }]) => (spec && !present.has(topic) ? [spec] : []));
  return sortProblems([
    ...gone.map(removed),
    ...readings.flatMap((reading) => {
      const known = reading.spec && before.get(reading.spec.topic);
      return known ? topicAgreement(reading, known) : [];
    }),
  ]);
};
