import { type Overlay, overlaySchema } from '@soma/contracts';
import type { Problem } from '../problem.js';
import { isRecord, textAt, valueAt } from './loose.js';
import { type Finding, parseSource, type Source, type SourceFile } from './source.js';
import { zodFindings } from './zod-findings.js';

/** An environment's overlay, if its form is right, and all that is wrong with it. */
export interface OverlayReading {
  readonly source: Source;
  readonly problems: readonly Problem[];
  readonly overlay?: Overlay;
}

/** Keys of a mapping of the overlay that name nothing. */
const unknownKeys = (
  overlay: unknown,
  member: string,
  known: readonly string[],
  message: string,
): readonly Finding[] => {
  const mapping = valueAt(overlay, [member]);
  return (isRecord(mapping) ? Object.keys(mapping) : [])
    .filter((key) => !known.includes(key))
    .map((key) => ({ at: [member, key], on: 'key', message, allowed: known.join(', ') }));
};

/** Reads an overlay; `topics`: the names of all topics that have a spec, `services`: those that specs name. */
export const readOverlay = (
  file: SourceFile,
  topics: readonly string[],
  services: readonly string[],
): OverlayReading => {
  const source = parseSource(file);
  if (source.value === undefined) return { source, problems: source.syntax };
  const form = zodFindings(overlaySchema, source.value);
  const findings: Finding[] = [...form];

  const name = textAt(source.value, ['environment']);
  const expected = /([^/]+)\.yaml$/.exec(file.path)?.[1];
  if (name !== undefined && name !== expected)
    findings.push({
      at: ['environment'],
      message: `${name} stands in the file ${file.path}`,
      allowed: expected ?? '',
    });

  findings.push(
    ...unknownKeys(source.value, 'topics', topics, 'there is no such topic'),
    ...unknownKeys(source.value, 'quotas', ['default', ...services], 'no topic names this service'),
  );

  return {
    source,
    problems: findings.map(source.problem),
    ...(form.length === 0 && { overlay: overlaySchema.parse(source.value) }),
  };
};
