import {
  AclOperations,
  AclPermissionTypes,
  createAclsV3,
  deleteAclsV3,
  describeAclsV3,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import { aclCodes, aclNames, isNamed } from './acl-codes.js';
import { type Answer, errorName, outcome, refuse } from './answers.js';
import type { Brokers } from './brokers.js';
import { mutate } from './mutate.js';
import type { Acl, MutationOptions, Outcome } from './types.js';

const securityDisabled = 'SECURITY_DISABLED';

const anyAcl = {
  resourceType: ResourceTypes.ANY,
  resourceName: null,
  resourcePatternType: ResourcePatternTypes.ANY,
  principal: null,
  host: null,
  operation: AclOperations.ANY,
  permissionType: AclPermissionTypes.ANY,
};

const written = (acl: Acl) => {
  const { resourceType, patternType, operation, permission } = aclCodes(acl);
  const { resourceName, principal, host } = acl;
  return {
    resourceType,
    resourceName,
    resourcePatternType: patternType,
    // The client's type of a filter has this name for the same field.
    resourcePatternTypeFilter: patternType,
    principal,
    host,
    operation,
    permissionType: permission,
  };
};

export const listAcls = async (
  brokers: Brokers,
): Promise<{ readonly enabled: true; readonly acls: Acl[] } | { readonly enabled: false }> => {
  const answer = await brokers.ask(describeAclsV3, anyAcl);
  if (errorName(answer.errorCode) === securityDisabled) return { enabled: false };
  if (answer.errorCode !== 0) refuse('DescribeAcls', answer);
  const acls = answer.resources.flatMap(
    ({ resourceType, resourceName, resourcePatternType, acls: bindings }) =>
      bindings.map(({ principal, host, operation, permissionType }): Acl => ({
        ...aclNames({
          resourceType,
          patternType: resourcePatternType,
          operation,
          permission: permissionType,
        }),
        resourceName,
        principal,
        host,
      })),
  );
  return { enabled: true, acls };
};

type Send = (
  acls: readonly ReturnType<typeof written>[],
) => Promise<{ throttleTimeMs: number; answers: readonly Answer[] }>;

const unnamed = (acl: Acl): Outcome => ({
  ok: false,
  error: 'INVALID_REQUEST',
  message: `${acl.resourceType} ${acl.operation}: no broker takes what it cannot name`,
});

const alterAcls = async (acls: readonly Acl[], options: MutationOptions<Acl> | undefined, send: Send) => {
  const outcomes = await mutate(
    {
      items: acls,
      key: (acl) => acl,
      send: async (batch) => {
        const named = batch.filter(isNamed);
        const { throttleTimeMs, answers } =
          named.length > 0 ? await send(named.map(written)) : { throttleTimeMs: 0, answers: [] };
        const byAcl = new Map(named.map((acl, index) => [acl, outcome(answers[index] as Answer)]));
        return { throttleTimeMs, outcomes: batch.map((acl) => byAcl.get(acl) ?? unnamed(acl)) };
      },
    },
    options,
  );
  return acls.map((acl) => outcomes.get(acl) as Outcome);
};

export const createAcls = (brokers: Brokers, acls: readonly Acl[], options?: MutationOptions<Acl>) =>
  alterAcls(acls, options, async (request) => {
    const { throttleTimeMs, results } = await brokers.ask(createAclsV3, request as never);
    return { throttleTimeMs, answers: results };
  });

export const deleteAcls = (brokers: Brokers, acls: readonly Acl[], options?: MutationOptions<Acl>) =>
  alterAcls(acls, options, async (request) => {
    const { throttleTimeMs, filterResults } = await brokers.ask(deleteAclsV3, request as never);
    // A filter may match and its binding still stay.
    const answers = filterResults.map(
      (result) =>
        [result, ...result.matchingAcls].find(({ errorCode }) => errorCode !== 0) ?? (result as Answer),
    );
    return { throttleTimeMs, answers };
  });
