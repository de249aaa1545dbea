import { compatibilityLevels } from '@soma/contracts';
import fc from 'fast-check';
import { field, orderSchema } from '../../test/catalogue.js';
import { isCompatible, protectsAsMuch, versionsToCheck } from './compatibility.js';

describe('versionsToCheck', () => {
  it.each([
    ['NONE', []],
    ['BACKWARD', [4]],
    ['FORWARD', [4]],
    ['FULL', [4]],
    ['BACKWARD_TRANSITIVE', [1, 2, 4]],
    ['FORWARD_TRANSITIVE', [1, 2, 4]],
    ['FULL_TRANSITIVE', [1, 2, 4]],
  ] as const)('%s looks at %j of the versions 1, 2 and 4', (level, expected) => {
    expect(versionsToCheck(level, [1, 2, 4])).toEqual(expected);
    expect(versionsToCheck(level, [])).toEqual([]);
  });
});

describe('isCompatible', () => {
  const plain = JSON.stringify(orderSchema());
  const required = JSON.stringify(orderSchema(field('note')));
  const optional = JSON.stringify(orderSchema(field('note', { default: '' })));
  const judge = (schema: string, older: string) =>
    compatibilityLevels.filter((level) => isCompatible(level, schema, older));

  it('lets a field with a default come and go under every level', () => {
    expect(judge(optional, plain)).toEqual(compatibilityLevels);
    expect(judge(plain, optional)).toEqual(compatibilityLevels);
  });

  it('lets a required field come only forwards and go only backwards', () => {
    expect(judge(required, plain)).toEqual(['NONE', 'FORWARD', 'FORWARD_TRANSITIVE']);
    expect(judge(plain, required)).toEqual(['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE']);
  });

  it('finds nothing compatible with what is no Avro', () => {
    expect(judge(plain, 'message Order {}')).toEqual(['NONE']);
  });
});

describe('protectsAsMuch', () => {
  const level = fc.constantFrom(...compatibilityLevels);

  it('is an order: every level protects as much as itself, and through a third', () => {
    fc.assert(
      fc.property(level, level, level, (a, b, c) => {
        expect(protectsAsMuch(a, a)).toBe(true);
        if (protectsAsMuch(a, b) && protectsAsMuch(b, c)) expect(protectsAsMuch(a, c)).toBe(true);
        if (a !== b && protectsAsMuch(a, b)) expect(protectsAsMuch(b, a)).toBe(false);
      }),
    );
  });

  it('has FULL_TRANSITIVE on top, NONE at the bottom, and two directions that do not compare', () => {
    for (const one of compatibilityLevels) {
      expect(protectsAsMuch('FULL_TRANSITIVE', one)).toBe(true);
      expect(protectsAsMuch(one, 'NONE')).toBe(true);
    }
    expect(protectsAsMuch('FORWARD', 'BACKWARD')).toBe(false);
    expect(protectsAsMuch('FULL', 'BACKWARD_TRANSITIVE')).toBe(false);
  });
});
