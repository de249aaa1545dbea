import type { ServicePrincipal } from '@soma/contracts';
import type { Acl, AclOperation } from '@soma/kafka';

type Resource = Pick<Acl, 'resourceType' | 'resourceName' | 'patternType'>;

const topic = (resourceName: string): Resource => ({
  resourceType: 'TOPIC',
  resourceName,
  patternType: 'LITERAL',
});
const groups = (resourceName: string): Resource => ({
  resourceType: 'GROUP',
  resourceName,
  patternType: 'PREFIXED',
});

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

const unique = (acls: readonly Acl[]): Acl[] => [...new Map(acls.map((acl) => [aclName(acl), acl])).values()];

/**
 * The rights that follow from the catalogue, and nothing more. A producer writes its topics (idempotence needs
 * no right of its own since Kafka 2.8, KIP-679). A consumer reads its topics in groups of its own name and
 * writes their dead letters.
 */
export const serviceAcls = (principals: readonly ServicePrincipal[], prefix: string): Acl[] =>
  unique(
    principals.flatMap(({ service, produces, consumes, deadLetters }) => {
      const may = allow(service);
      return [
        ...produces.flatMap((name) => may(topic(prefix + name), 'WRITE', 'DESCRIBE')),
        ...consumes.flatMap((read) => [
          ...may(topic(prefix + read.topic), 'READ', 'DESCRIBE'),
          ...may(groups(prefix + read.group), 'READ', 'DESCRIBE'),
        ]),
        ...deadLetters.flatMap((name) => may(topic(prefix + name), 'WRITE', 'DESCRIBE')),
      ];
    }),
  );

/** What the topic-provisioner itself needs: the shape of topics and the ACLs, but no event of anybody. */
export const provisionerAcls = (service: string, prefix: string): Acl[] => {
  const may = allow(service);
  const cluster: Resource = {
    resourceType: 'CLUSTER',
    resourceName: 'kafka-cluster',
    patternType: 'LITERAL',
  };
  const topics: Resource =
    prefix === '' ? topic('*') : { resourceType: 'TOPIC', resourceName: prefix, patternType: 'PREFIXED' };
  return [
    ...may(cluster, 'DESCRIBE', 'ALTER', 'CREATE'),
    ...may(topics, 'CREATE', 'DESCRIBE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
  ];
};
