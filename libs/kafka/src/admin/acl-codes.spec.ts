import fc from 'fast-check';
import { aclCodes, aclNames, isNamed } from './acl-codes.js';

const int8 = fc.integer({ min: -128, max: 127 });
const codes = fc.record({ resourceType: int8, patternType: int8, operation: int8, permission: int8 });

describe('ACL numbers and names', () => {
  it('lose nothing on the way to names and back', () => {
    fc.assert(fc.property(codes, (numbers) => expect(aclCodes(aclNames(numbers))).toEqual(numbers)));
  });

  it('name what Kafka names, tokens and two-phase commits included', () => {
    const names = { resourceType: 6, patternType: 3, operation: 14, permission: 3 };
    expect(aclNames(names)).toEqual({
      resourceType: 'DELEGATION_TOKEN',
      patternType: 'LITERAL',
      operation: 'DESCRIBE_TOKENS',
      permission: 'ALLOW',
    });
    expect(aclNames({ ...names, resourceType: 7, operation: 15 })).toMatchObject({
      resourceType: 'USER',
      operation: 'TWO_PHASE_COMMIT',
    });
  });

  it('keep the number of what has no name, and of what is a filter only', () => {
    const names = aclNames({ resourceType: 42, patternType: 1, operation: 1, permission: 2 });
    expect(names).toEqual({
      resourceType: 'UNKNOWN_42',
      patternType: 'UNKNOWN_1',
      operation: 'UNKNOWN_1',
      permission: 'DENY',
    });
    expect(isNamed(names)).toBe(false);
  });
});
