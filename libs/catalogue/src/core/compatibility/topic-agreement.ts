import {
  type AvroSchema,
  type CompatibilityLevel,
  registeredSchema,
  type ServiceReference,
  type TopicSpec,
} from '@soma/contracts';
import type { Path, Problem } from '../../problem.js';
import { listAt, textAt, valueAt } from '../loose.js';
import type { SpecReading } from '../read-spec.js';
import type { Finding, Source } from '../source.js';
import { fieldChanges } from './field-changes.js';
import { changeInWords, type Direction, remedy } from './incompatibility.js';
import { incompatibilitiesUnder, protectsAsMuch, versionsToCheck } from './levels.js';

/** A version that a schema had: a commit or a number of the registry, and the whole schema, references resolved. */
export interface SchemaVersion {
  /** How it is named in a report: `version 3`, `commit 1f0c2ab`. */
  readonly label: string;
  readonly schema: AvroSchema;
}

/** What stood for a topic before. */
export interface TopicBefore {
  /** Every version, oldest first. */
  readonly versions: readonly SchemaVersion[];
  /** The versions under each further subject of the topic's schema, oldest first. */
  readonly aliases?: readonly (readonly SchemaVersion[])[];
  /** The level that is in force. */
  readonly level?: CompatibilityLevel;
  /** The spec as it was; a registry knows none. */
  readonly spec?: TopicSpec;
}

const names = (services: readonly ServiceReference[]): string =>
  services.map(({ service, squad }) => `${service} (${squad})`).join(', ');

const references = (services: readonly ServiceReference[]): readonly ServiceReference[] =>
  services.map(({ service, squad }) => ({ service, squad }));

/** Whom it hits, in words: the consumers, or the producers where nobody consumes yet. */
const hits = ({ consumers, producers }: TopicSpec, direction: Direction): string => {
  if (consumers.length > 0)
    return direction === 'backward'
      ? `hits, as soon as they read with the new schema, the consumers ${names(consumers)}`
      : `hits, as long as they read with an older schema, the consumers ${names(consumers)}`;
  return producers.length > 0
    ? `nobody consumes the topic yet, its producers are ${names(producers)}`
    : 'the catalogue names nobody who reads or writes the topic';
};

const unread: Readonly<Record<Direction, string>> = {
  backward: 'readers of the new schema cannot read old events',
  forward: 'readers of an older schema cannot read new events',
};

/** What lies in the file of a type that the schema refers to is told at the field through which it is reached. */
const within = ({ value }: Source, at: Path, field = ''): Path => {
  if (field === '' || valueAt(value, at) !== undefined) return at;
  const index = listAt(value, ['fields']).findIndex((one) => textAt(one, ['name']) === field.split('.')[0]);
  return index < 0 ? at : ['fields', index];
};

const place = (source: Source, spec: TopicSpec, finding: Finding, field?: string): Problem => ({
  ...source.problem({ ...finding, at: within(source, finding.at, field) }),
  ...(field !== undefined && field !== '' && { path: field }),
  topic: spec.topic,
  consumers: references(spec.consumers),
});

const same = (a: AvroSchema, b: AvroSchema): boolean => JSON.stringify(a) === JSON.stringify(b);

const incompatible = (
  source: Source,
  spec: TopicSpec,
  level: CompatibilityLevel,
  schema: AvroSchema,
  versions: readonly SchemaVersion[],
): readonly Problem[] => {
  const found = versionsToCheck(level, versions).flatMap(({ label, schema: older }) =>
    incompatibilitiesUnder(level, schema, older).map((one) => ({ label, one })),
  );
  const grouped = Map.groupBy(found, ({ one: { direction, path, ...one } }) =>
    JSON.stringify([direction, path, changeInWords({ path, ...one }, direction)]),
  );
  return [...grouped.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { direction, readerAt, writerAt, path } = first.one;
    const labels = group.map(({ label }) => label).join(', ');
    return [
      place(
        source,
        spec,
        {
          at: direction === 'backward' ? readerAt : writerAt,
          message: `${changeInWords(first.one, direction)}: ${unread[direction]} (${labels}), which ${level} demands; ${hits(spec, direction)}`,
          allowed: remedy(first.one, direction),
        },
        path,
      ),
    ];
  });
};

const weaker = (source: Source, spec: TopicSpec, before: CompatibilityLevel | undefined): Problem[] => {
  const level = spec.schema?.compatibility;
  if (level === undefined || before === undefined || protectsAsMuch(level, before)) return [];
  return [
    place(source, spec, {
      at: ['schema', 'compatibility'],
      message: `${level} protects less than ${before}, which is in force${spec.consumers.length > 0 ? `; the consumers are ${names(spec.consumers)}` : ''}`,
      allowed: before,
      severity: 'warning',
    }),
  ];
};

/** What the changes of one topic mean for those who share it: errors, warnings and notes. */
export const topicAgreement = (
  { source, schemaSource, annotated, spec }: SpecReading,
  { versions, aliases = [], level: inForce, spec: old }: TopicBefore,
): readonly Problem[] => {
  if (!spec) return [];
  const problems = weaker(source, spec, inForce);
  if (old?.schema && !spec.schema && old.consumers.length > 0)
    problems.push(
      place(source, spec, {
        at: [],
        message: `the schema was removed, but the topic has the consumers ${names(old.consumers)}`,
        allowed: 'the schema until nobody consumes the topic',
      }),
    );
  if (!annotated || !schemaSource || !spec.schema) return problems;
  const schema = registeredSchema(annotated);
  const level = spec.schema.compatibility;
  const kept = inForce === undefined || protectsAsMuch(inForce, level);
  const errors = [versions, ...aliases]
    .filter((history) => !kept || !history.some((version) => same(version.schema, schema)))
    .flatMap((history) => incompatible(schemaSource, spec, level, schema, history));
  const newest = versions.at(-1)?.schema;
  const told = new Set(errors.map(({ path }) => path));
  const readers = spec.consumers.length > 0 ? `; read by ${names(spec.consumers)}` : '';
  const notes = [...(newest === undefined ? [] : fieldChanges(schema, newest))]
    .filter(({ path }) => path === '' || !told.has(path))
    .map(({ path, at, message, grave = false }) =>
      place(
        schemaSource,
        spec,
        { at, message: `${message}${readers}`, severity: grave ? 'warning' : 'note' },
        path,
      ),
    );
  return [...problems, ...errors, ...notes];
};
