import { createCipheriv, createDecipheriv } from 'node:crypto';

const algorithm = 'aes-256-gcm';
/** Bytes of a nonce; each may be used once with a key. */
export const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts a secret at rest: nonce, tag and ciphertext. It opens only for the same `owner`, so rows cannot be swapped. */
export const seal = (secret: Buffer, key: Buffer, nonce: Buffer, owner: string): Buffer => {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
};

/** @throws Error if the key or the owner is another one, or the bytes were changed. */
export const unseal = (sealed: Buffer, key: Buffer, owner: string): Buffer => {
  const nonce = sealed.subarray(0, nonceBytes);
  const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(owner))
    .setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
};
