import {
  canonicalConfig,
  formatConfig,
  type TopicAcl,
  topicConfigNames,
  topicOperations,
} from '@soma/contracts';
import type { Acl, ConfigEntry } from '@soma/kafka';
import { aclName } from './acls.js';
import type { SubjectFacts, TopicFacts } from './adopt-facts.js';
import { jsonOf } from './schema-text.js';

/** A part of a spec, and what of the cluster it leaves out. */
interface Part<T> {
  readonly value: T;
  readonly notes: readonly string[];
}

type Scalar = string | number | boolean;

/** A scalar as YAML has it without quotes, where that is the same text. */
const scalar = (text: string): Scalar => {
  if (text === 'true' || text === 'false') return text === 'true';
  return String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
};

const configPart = ({ name, value }: ConfigEntry): { readonly value: Scalar } | { readonly why: string } => {
  if (!topicConfigNames.includes(name)) return { why: 'the catalogue does not know this config' };
  if (value === null) return { why: 'the broker does not show its value' };
  for (const written of [formatConfig(name, value), value]) {
    const read = canonicalConfig(name, written);
    if (read.ok && read.value === value) return { value: scalar(written) };
  }
  return { why: `the catalogue has no form for its value ${value}` };
};

/** What a topic itself sets, as people write it; what cannot be written so stays on the cluster as it is. */
export const adoptedConfig = (configs: readonly ConfigEntry[]): Part<Readonly<Record<string, Scalar>>> => {
  const own = configs.filter(({ overridden }) => overridden).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const parts = own.map((entry) => ({ name: entry.name, ...configPart(entry) }));
  return {
    value: Object.fromEntries(parts.flatMap((one) => ('value' in one ? [[one.name, one.value]] : []))),
    notes: parts.flatMap((one) => ('why' in one ? [`${one.name} is left out: ${one.why}`] : [])),
  };
};

const declarable = ({ principal, host, operation, permission }: Acl): TopicAcl | undefined => {
  const known = topicOperations.find((one) => one === operation);
  if (known === undefined || (permission !== 'ALLOW' && permission !== 'DENY')) return undefined;
  if (!/^[A-Za-z]+:.+$/.test(principal) || host.trim() !== host) return undefined;
  return { principal, host, operation: known, permission };
};

/** ACLs on exactly the topic, as a spec declares them. */
export const adoptedAcls = (acls: readonly Acl[]): Part<readonly TopicAcl[]> => {
  const sorted = acls.toSorted((a, b) => (aclName(a) < aclName(b) ? -1 : 1));
  const left = sorted.filter((acl) => !declarable(acl));
  return {
    value: sorted.flatMap((acl) => declarable(acl) ?? []),
    notes: left.map((acl) => `the ACL "${aclName(acl)}" is left out: the catalogue has no form for it`),
  };
};

/** Why the newest version of a subject cannot be declared; undefined if it can. */
const undeclarableSchema = ({ schema, references }: SubjectFacts): string | undefined => {
  if (references.length > 0) return `it refers to other subjects (${references.join(', ')})`;
  const json = jsonOf(schema) as { type?: unknown; fields?: unknown } | null | undefined;
  return json?.type === 'record' && Array.isArray(json.fields) ? undefined : 'it is no Avro record';
};

/** The subject that a spec declares, if it declares one. */
export const adoptedSubject = ({
  topic,
  subject,
  undeclarable,
}: Pick<TopicFacts, 'topic' | 'subject' | 'undeclarable'>): Part<SubjectFacts | undefined> => {
  if (!subject) return { value: undefined, notes: [] };
  const why = undeclarable ?? undeclarableSchema(subject);
  const name = `${topic}-value`;
  if (why !== undefined) {
    const note = `the schema of subject ${name} is left out and stays in the registry: ${why}`;
    return { value: undefined, notes: [note] };
  }
  const [newest, earlier] = [subject.versions.at(-1), subject.versions.slice(0, -1)];
  const note = `declared is version ${newest} of subject ${name}; ${earlier.join(', ')} stay in the registry`;
  return { value: subject, notes: earlier.length > 0 ? [note] : [] };
};
