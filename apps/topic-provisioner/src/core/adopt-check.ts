import { checkFiles, type SourceFile } from '@soma/catalogue';
import type { Catalogue } from '@soma/contracts';
import { adoptedSpec } from './adopt.js';
import type { AdoptedSpec, TopicFacts } from './adopt-facts.js';
import { sameSchema } from './schema-text.js';

/** A topic that is not adopted, and why. */
export interface Skipped {
  readonly topic: string;
  readonly reason: string;
}

/** What can be adopted: the specs, and the catalogue as it is with them. */
export interface Adoptable {
  readonly catalogue: Catalogue;
  readonly specs: readonly AdoptedSpec[];
  readonly skipped: readonly Skipped[];
}

/** Files of an adopted topic within the schemas directory, in the order in which they are written. */
export const filesOf = ({ topic, squad, yaml, avsc }: AdoptedSpec): readonly SourceFile[] => [
  ...(avsc === undefined ? [] : [{ path: `${squad}/${topic}.avsc`, text: avsc }]),
  { path: `${squad}/${topic}.yaml`, text: yaml },
];

const notTheSame = 'what the catalogue would register for it is another schema';

/** Topics of which an apply would register a schema though the newest one is declared. */
const alteredSchemas = ({ topics }: Catalogue, open: readonly TopicFacts[]): ReadonlySet<string> => {
  const registered = new Map(open.map(({ topic, subject }) => [topic, subject?.schema]));
  const altered = topics.filter(({ spec, schema }) => {
    const text = registered.get(spec.topic);
    return schema !== undefined && text !== undefined && !sameSchema(text, JSON.stringify(schema));
  });
  return new Set(altered.map(({ spec }) => spec.topic));
};

/**
 * The topics that the catalogue takes beside the files that it has. One whose schema it does not take is adopted without
 * it; one that it does not take at all is skipped. Undefined if the files are wrong by themselves.
 */
export const adoptable = (
  files: readonly SourceFile[],
  found: readonly TopicFacts[],
): Adoptable | undefined => {
  const taken = new Set(files.map(({ path }) => path));
  const skipped: Skipped[] = [];
  const free = (facts: TopicFacts): boolean => {
    const there = filesOf(adoptedSpec(facts)).filter(({ path }) => taken.has(path));
    if (there.length === 0) return true;
    const paths = there.map(({ path }) => path).join(' and ');
    skipped.push({ topic: facts.topic, reason: `${paths} is there already and was left as it is` });
    return false;
  };
  let open = found.filter(free);
  for (;;) {
    const specs = open.map(adoptedSpec);
    const result = checkFiles([...files, ...specs.flatMap(filesOf)]);
    if (result.ok) {
      const altered = alteredSchemas(result.catalogue, open);
      if (altered.size === 0) return { catalogue: result.catalogue, specs, skipped };
      open = open.map((facts) => (altered.has(facts.topic) ? { ...facts, undeclarable: notTheSame } : facts));
      continue;
    }
    const errors = result.problems.filter(({ severity }) => severity === 'error');
    const wrong = Map.groupBy(errors, ({ file }) => file);
    const next = open.flatMap((facts): TopicFacts[] => {
      const name = `${facts.squad}/${facts.topic}`;
      const [inSpec, inSchema] = [wrong.get(`${name}.yaml`)?.[0], wrong.get(`${name}.avsc`)?.[0]];
      const first = inSchema ?? inSpec;
      if (!first) return [facts];
      const where = first.path === '' ? '' : `${first.path}: `;
      const reason = `${where}${first.message}${first.allowed === undefined ? '' : `; allowed: ${first.allowed}`}`;
      const ofSchema = inSchema !== undefined || /^schema\b/.test(first.path);
      if (ofSchema && facts.undeclarable === undefined) return [{ ...facts, undeclarable: reason }];
      skipped.push({ topic: facts.topic, reason: `the catalogue does not take it: ${reason}` });
      return [];
    });
    if (next.every((facts, index) => facts === open[index]) && next.length === open.length) return undefined;
    open = next;
  }
};
