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

/** Reads an overlay; `topics`: the names of all topics that have a spec. */
export const readOverlay = (file: SourceFile, topics: readonly string[]): OverlayReading => {
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

  const overridden = valueAt(source.value, ['topics']);
  for (const topic of isRecord(overridden) ? Object.keys(overridden) : [])
    if (!topics.includes(topic))
      findings.push({
        at: ['topics', topic],
        on: 'key',
        message: 'there is no such topic',
        allowed: topics.join(', '),
      });

  return {
    source,
    problems: findings.map(source.problem),
    ...(form.length === 0 && { overlay: overlaySchema.parse(source.value) }),
  };
};
