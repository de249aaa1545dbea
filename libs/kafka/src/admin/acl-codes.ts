import { AclOperations, AclPermissionTypes, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import type { Acl } from './types.js';

type Table = Readonly<Record<string, number>>;
type Numbers = Readonly<Record<'resourceType' | 'patternType' | 'operation' | 'permission', number>>;

const unnamed = 'UNKNOWN_';

/** Names that a binding can carry, and their numbers: the ones that only a filter can are no names of a binding. */
const bindingNames = (table: Table) => {
  const bindings = Object.entries(table).filter(([name]) => !['UNKNOWN', 'ANY', 'MATCH'].includes(name));
  return { codes: new Map(bindings), names: new Map(bindings.map(([name, code]) => [code, name])) };
};

type Names = ReturnType<typeof bindingNames>;

const tables = {
  resourceType: bindingNames(ResourceTypes),
  patternType: bindingNames(ResourcePatternTypes),
  operation: bindingNames(AclOperations),
  permission: bindingNames(AclPermissionTypes),
};

const nameOf = ({ names }: Names, code: number): string => names.get(code) ?? `${unnamed}${code}`;

const codeOf = ({ codes }: Names, name: string): number =>
  codes.get(name) ?? Number(name.startsWith(unnamed) ? name.slice(unnamed.length) : Number.NaN);

/** The protocol's numbers in words; a number without a name becomes `UNKNOWN_<number>`, so that none is lost. */
export const aclNames = (numbers: Numbers) =>
  ({
    resourceType: nameOf(tables.resourceType, numbers.resourceType),
    patternType: nameOf(tables.patternType, numbers.patternType),
    operation: nameOf(tables.operation, numbers.operation),
    permission: nameOf(tables.permission, numbers.permission),
  }) as Pick<Acl, keyof Numbers>;

/** The words as the protocol's numbers; the inverse of {@link aclNames}. */
export const aclCodes = (acl: Pick<Acl, keyof Numbers>): Numbers => ({
  resourceType: codeOf(tables.resourceType, acl.resourceType),
  patternType: codeOf(tables.patternType, acl.patternType),
  operation: codeOf(tables.operation, acl.operation),
  permission: codeOf(tables.permission, acl.permission),
});

/** Whether a broker would take this binding: one that it cannot name fails the whole request it is in. */
export const isNamed = (acl: Pick<Acl, keyof Numbers>): boolean =>
  tables.resourceType.codes.has(acl.resourceType) &&
  tables.patternType.codes.has(acl.patternType) &&
  tables.operation.codes.has(acl.operation) &&
  tables.permission.codes.has(acl.permission);
