import { type Catalogue, desiredTopics } from '@soma/contracts';
import type { Acl, TopicInfo } from '@soma/kafka';

export interface CandidateOptions {
  /** Of the cluster; what does not begin with it is somebody else's. */
  readonly prefix: string;
  /** Held against names without the prefix. */
  readonly match?: RegExp;
}

/** Topics of a cluster that can be adopted, and names (without the prefix) of those that are declared already. */
export interface Candidates {
  readonly topics: readonly TopicInfo[];
  readonly declared: readonly string[];
}

/** Divides what the cluster has: neither internal topics nor those of another prefix are looked at. */
export const candidates = (
  listed: readonly TopicInfo[],
  catalogue: Catalogue,
  { prefix, match }: CandidateOptions,
): Candidates => {
  const declared = new Set(desiredTopics(catalogue.topics.map(({ spec }) => spec)).map(({ name }) => name));
  const bare = ({ name }: TopicInfo): string => name.slice(prefix.length);
  const meant = listed
    .filter(({ name, internal }) => !internal && name.length > prefix.length && name.startsWith(prefix))
    .filter((info) => !info.name.startsWith('__') && !bare(info).startsWith('__'))
    .filter((info) => !match || bare(info).search(match) !== -1)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    topics: meant.filter((info) => !declared.has(bare(info))),
    declared: meant.map(bare).filter((name) => declared.has(name)),
  };
};

/** The ACLs on exactly a topic, and those that cover it among others. */
export const aclsOn = (
  acls: readonly Acl[],
  topic: string,
): { readonly acls: readonly Acl[]; readonly wider: readonly Acl[] } => {
  const onTopics = acls.filter(({ resourceType }) => resourceType === 'TOPIC');
  return {
    acls: onTopics.filter((acl) => acl.patternType === 'LITERAL' && acl.resourceName === topic),
    wider: onTopics.filter(({ patternType, resourceName }) =>
      patternType === 'PREFIXED'
        ? topic.startsWith(resourceName)
        : patternType === 'LITERAL' && resourceName === '*',
    ),
  };
};
