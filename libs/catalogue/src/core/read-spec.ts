import {
  type AvroRecord,
  compatibilityLevels,
  inlineReferences,
  type TopicSpec,
  topicSpecSchema,
} from '@soma/contracts';
import type { Problem } from '../problem.js';
import { avroFindings } from './avro-findings.js';
import { avscFindings } from './avro-type.js';
import { textAt, valueAt } from './loose.js';
import { type ReferencesReading, readReferences, unusedReferences } from './read-references.js';
import { type Finding, parseSource, type Source, type SourceFile } from './source.js';
import { schemaConventionFindings, specFindings } from './spec-findings.js';
import { zodFindings } from './zod-findings.js';

/** One spec with its schema, as far as they could be read, and all that is wrong with the two. */
export interface SpecReading {
  readonly source: Source;
  readonly problems: readonly Problem[];
  /** Path of the schema file that the spec names, whether or not there is one. */
  readonly schemaFile?: string;
  readonly schemaSource?: Source;
  /** The whole schema, references written out, if nothing that others build on is wrong with it. */
  readonly annotated?: AvroRecord;
  /** The schema as it is written, where it refers to types of other files. */
  readonly written?: AvroRecord;
  readonly references: ReferencesReading;
  /** The spec, if its form is right. */
  readonly spec?: TopicSpec;
}

const isError = ({ severity }: Finding): boolean => severity !== 'warning';

// A missing doc or a wrong logical type leaves the schema's fields as they are: what the spec says of them can be checked.
const leavesFields = ({ at }: Finding): boolean => ['doc', 'logicalType'].includes(String(at.at(-1)));

/** A schema, if nothing that others build on is wrong with it, and all that is wrong with it. */
export interface SchemaReading {
  readonly source: Source;
  readonly problems: readonly Problem[];
  readonly annotated?: AvroRecord;
  readonly written?: AvroRecord;
}

/** What a schema may refer to beside what it defines itself. */
export type Referable = Pick<ReferencesReading, 'types' | 'known' | 'complete'>;

const nothing: Referable = { types: new Map(), known: new Map(), complete: true };

/** What breaks only rules of ours is no error where a topic was adopted. */
const lenient = (finding: Finding): Finding =>
  finding.convention || leavesFields(finding) ? { ...finding, severity: 'warning' } : finding;
const asFound = (finding: Finding): Finding => finding;

/**
 * Reads a schema. `symbolsEvolve`: its topic's level asks that old readers survive new enum symbols; `judged`: how bad
 * a finding is there.
 */
export const readSchema = (
  file: SourceFile,
  symbolsEvolve: boolean,
  { types, known, complete }: Referable = nothing,
  judged = asFound,
): SchemaReading => {
  const source = parseSource(file);
  if (source.value === undefined) return { source, problems: source.syntax };
  const structure = [...avroFindings(source.value, symbolsEvolve, known)].map(judged);
  const written = source.value as AvroRecord;
  // A type that could not be read is told once, where it stands.
  if (!complete || !structure.filter(isError).every(leavesFields))
    return { source, problems: structure.map(source.problem) };
  const annotated = inlineReferences(written, types);
  const findings = [
    ...structure,
    ...[...avscFindings(annotated), ...schemaConventionFindings(written, file.path)].map(judged),
  ];
  return { source, problems: findings.map(source.problem), annotated, written };
};

const evolvesSymbols = (spec: unknown): boolean => {
  const level = compatibilityLevels.find((name) => name === textAt(spec, ['schema', 'compatibility']));
  return level !== undefined && /^(FULL|FORWARD)/.test(level);
};

/** Reads a spec and the schema it names from the files of the catalogue. */
export const readSpec = (file: SourceFile, schemas: ReadonlyMap<string, SourceFile>): SpecReading => {
  const source = parseSource(file);
  const folder = file.path.split('/')[0] ?? '';
  const references = readReferences(source.value, folder, schemas);
  if (source.value === undefined) return { source, references, problems: source.syntax };
  const name = textAt(source.value, ['schema', 'file']);
  const schemaFile = name === undefined ? undefined : `${folder}/${name}`;
  const schemaText = schemaFile === undefined ? undefined : schemas.get(schemaFile);
  const judged = valueAt(source.value, ['adopted']) === true ? lenient : asFound;
  const schema = schemaText && readSchema(schemaText, evolvesSymbols(source.value), references, judged);

  const form = zodFindings(topicSpecSchema, source.value);
  const findings: Finding[] = [
    ...form,
    ...references.findings,
    ...(schema?.written ? unusedReferences(source.value, schema.written, references) : []),
    ...specFindings(source.value, file.path, schema?.annotated),
  ];
  if (schemaFile !== undefined && !schema)
    findings.push({
      at: ['schema', 'file'],
      message: `there is no file ${schemaFile}`,
      allowed: 'an .avsc file in the same folder',
    });
  if (valueAt(source.value, ['schema']) === undefined)
    findings.push({
      at: [],
      message: 'the topic has no schema: nothing checks its values',
      severity: 'warning',
    });

  return {
    source,
    problems: [
      ...findings.map(judged).map(source.problem),
      ...references.problems,
      ...(schema?.problems ?? []),
    ],
    references,
    ...(schemaFile !== undefined && { schemaFile }),
    ...(schema && { schemaSource: schema.source }),
    ...(schema?.annotated && { annotated: schema.annotated }),
    ...(schema?.written && references.types.size > 0 && { written: schema.written }),
    ...(form.length === 0 && { spec: topicSpecSchema.parse(source.value) }),
  };
};
