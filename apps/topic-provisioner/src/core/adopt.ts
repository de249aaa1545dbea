import type { Acl } from '@soma/kafka';
import { Document, isScalar, type YAMLMap } from 'yaml';
import type { AdoptedSpec, TopicFacts } from './adopt-facts.js';
import { adoptedAcls, adoptedConfig, adoptedSubject } from './adopt-parts.js';
import { laidOut } from './schema-text.js';

/** What stands in the place of a description until somebody writes one. */
const undescribed = 'Adopted from the cluster; nobody has described it yet.';

const heading = ` Adopted as it stood on the cluster. Answer each line marked "adopt:" and take out \`adopted\`: from then on
 all rules of the catalogue and the defaults of the environments hold for this topic.`;

/** One line of a comment: what others named themselves may hold anything. */
const listed = (names: readonly string[]): string =>
  [...new Set(names)]
    .toSorted()
    .map((name) => name.replaceAll(/\p{Cc}/gu, '?'))
    .join(', ');

const allowed = (acls: readonly Acl[], operation: 'READ' | 'WRITE'): readonly string[] =>
  acls
    .filter((acl) => acl.permission === 'ALLOW' && (acl.operation === operation || acl.operation === 'ALL'))
    .map(({ principal }) => principal);

/** Who looks like a producer or a consumer. Nothing is declared of it: a consumer brings dead letters and rights. */
const guesses = ({ acls, wider, groups }: TopicFacts): string => {
  const all = [...acls, ...wider];
  const [writers, readers] = [listed(allowed(all, 'WRITE')), listed(allowed(all, 'READ'))];
  return [
    ...(writers === '' ? [] : [` adopt: name those that write it under producers; allowed to: ${writers}`]),
    ...(readers === '' ? [] : [` adopt: name those that read it under consumers; allowed to: ${readers}`]),
    ...(groups.length === 0 ? [] : [` adopt: consumer groups that were seen on it: ${listed(groups)}`]),
  ].join('\n');
};

/** Puts a comment above a member of the document, or behind its value. */
const remark = (document: Document, key: string, comment: string): void => {
  const pair = (document.contents as YAMLMap).items.find(
    (item) => isScalar(item.key) && item.key.value === key,
  );
  if (isScalar(pair?.key)) pair.key.commentBefore = ` adopt: ${comment}`;
};

/**
 * The spec of a topic as it stands, which asks the cluster for nothing else. What only its owner knows is not guessed:
 * there stand placeholders that the catalogue takes, and comments that say what to answer.
 */
export const adoptedSpec = (facts: TopicFacts): AdoptedSpec => {
  const { topic, squad, partitions, replicas } = facts;
  const config = adoptedConfig(facts.configs);
  const acls = adoptedAcls(facts.acls);
  const { value: subject, notes } = adoptedSubject(facts);
  const document = new Document({
    topic,
    owner: squad,
    adopted: true,
    description: undescribed,
    partitions,
    replicationFactor: replicas.fewest,
    ...(Object.keys(config.value).length > 0 && { config: config.value }),
    ...(subject && { schema: { file: `${topic}.avsc`, compatibility: subject.level } }),
    classification: { level: 'confidential' },
  });
  if (acls.value.length > 0) {
    const items = acls.value.map((acl) => document.createNode(acl, { flow: true }));
    document.set('acls', document.createNode(items));
  }
  document.commentBefore = heading;
  remark(document, 'description', 'say what the topic tells');
  remark(document, 'schema', 'say which field is the key of a record, as key: { field: …, doc: … }');
  remark(
    document,
    'classification',
    'say who may see the values, and under personal which fields are personal',
  );
  const comment = guesses(facts);
  if (comment !== '') document.comment = comment;
  const uneven = `its partitions have ${replicas.fewest} to ${replicas.most} replicas; declared is ${replicas.fewest}`;
  return {
    topic,
    squad,
    yaml: document.toString({ lineWidth: 0, singleQuote: true }),
    ...(subject && { avsc: laidOut(subject.schema) }),
    notes: [...(replicas.fewest === replicas.most ? [] : [uneven]), ...config.notes, ...acls.notes, ...notes],
  };
};
