import type { ServicePrincipal, TopicSpec } from '@soma/contracts';
import type { Acl, AclOperation } from '@soma/kafka';

type Resource = Pick<Acl, 'resourceType' | 'resourceName' | 'patternType'>;

const topic = (resourceName: string): Resource => ({
  resourceType: 'TOPIC',
  resourceName,
  patternType: 'LITERAL',
});
const prefixed =
  (resourceType: Acl['resourceType']) =>
  (resourceName: string): Resource => ({ resourceType, resourceName, patternType: 'PREFIXED' });
const groups = prefixed('GROUP');
const transactionalIds = prefixed('TRANSACTIONAL_ID');

const allow =
  (service: string) =>
  (resource: Resource, ...operations: AclOperation[]): Acl[] =>
    operations.map((operation) => ({
      ...resource,
      principal: `User:${service}`,
      host: '*',
      operation,
      permission: 'ALLOW',
    }));

/** An ACL in words; equal ACLs have equal words. One that holds for some hosts only says so. */
export const aclName = ({
  principal,
  permission,
  operation,
  resourceType,
  patternType,
  resourceName,
  host,
}: Acl): string =>
  `${principal} ${permission} ${operation} ${resourceType} ${resourceName}${patternType === 'PREFIXED' ? '*' : ''}${host === '*' ? '' : ` from ${host}`}`;

/** Each right once. */
export const uniqueAcls = (acls: readonly Acl[]): Acl[] => [
  ...new Map(acls.map((acl) => [aclName(acl), acl])).values(),
];

/**
 * The rights that follow from the catalogue, and nothing more. A producer writes its topics (idempotence needs
 * no right of its own since Kafka 2.8, KIP-679). A consumer reads its topics in groups of its own name and
 * writes their dead letters. A producer with transactions uses ids of its own prefix.
 */
export const serviceAcls = (principals: readonly ServicePrincipal[], prefix: string): Acl[] =>
  uniqueAcls(
    principals.flatMap(({ service, produces, transactionalIds: ids, consumes, deadLetters }) => {
      const may = allow(service);
      return [
        ...produces.flatMap((name) => may(topic(prefix + name), 'WRITE', 'DESCRIBE')),
        ...consumes.flatMap((read) => [
          ...may(topic(prefix + read.topic), 'READ', 'DESCRIBE'),
          ...may(groups(prefix + read.group), 'READ', 'DESCRIBE'),
        ]),
        ...ids.flatMap((id) => may(transactionalIds(prefix + id), 'WRITE', 'DESCRIBE')),
        ...deadLetters.flatMap((name) => may(topic(prefix + name), 'WRITE', 'DESCRIBE')),
      ];
    }),
  );

/** The rights that specs declare beyond those that follow from their producers and consumers. */
export const declaredAcls = (specs: readonly TopicSpec[], prefix: string): Acl[] =>
  specs.flatMap((spec) => spec.acls.map((acl) => ({ ...topic(prefix + spec.topic), ...acl })));

/** What the topic-provisioner itself needs: the shape of topics and the ACLs, but no event of anybody. */
export const provisionerAcls = (service: string, prefix: string): Acl[] => {
  const may = allow(service);
  const cluster: Resource = {
    resourceType: 'CLUSTER',
    resourceName: 'kafka-cluster',
    patternType: 'LITERAL',
  };
  const every = (resourceType: Acl['resourceType']): Resource =>
    prefix === ''
      ? { resourceType, resourceName: '*', patternType: 'LITERAL' }
      : { resourceType, resourceName: prefix, patternType: 'PREFIXED' };
  return [
    // The configs of the cluster resource are the clients' quotas (KIP-546).
    ...may(cluster, 'DESCRIBE', 'ALTER', 'CREATE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
    ...may(every('TOPIC'), 'CREATE', 'DESCRIBE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
    ...may(every('GROUP'), 'DESCRIBE'),
  ];
};
