import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { nonceBytes, seal, unseal } from './seal.js';

const key = randomBytes(32);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array));

it('opens what it closed, and nothing that was changed by one bit or belongs to somebody else', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), (secret, bit) => {
      const sealed = seal(secret, key, randomBytes(nonceBytes), 'owner');
      expect(unseal(sealed, key, 'owner')).toEqual(secret);
      expect(sealed.includes(secret) && secret.length > 4).toBe(false);
      expect(() => unseal(sealed, key, 'other')).toThrow();
      expect(() => unseal(sealed, randomBytes(32), 'owner')).toThrow();
      const at = bit % (sealed.length * 8);
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
      expect(() => unseal(changed, key, 'owner')).toThrow();
    }),
  );
});

it('takes no tag that was cut', () => {
  const sealed = seal(randomBytes(32), key, randomBytes(nonceBytes), 'owner');
  expect(() => unseal(sealed.subarray(0, nonceBytes + 4), key, 'owner')).toThrow();
});
