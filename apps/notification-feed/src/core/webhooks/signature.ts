import { createHmac, createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto';

export type KeyKind = 'hmac' | 'ed25519';

/** A key that can sign: the secret of an hmac key, or the 32 bytes of an Ed25519 private key. */
export interface SigningKey {
  readonly kind: KeyKind;
  readonly secret: Buffer;
}

// The PKCS #8 form of an Ed25519 private key is its 32 bytes behind these (RFC 8410).
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const privateKey = (seed: Buffer) =>
  createPrivateKey({ key: Buffer.concat([ed25519Prefix, seed]), format: 'der', type: 'pkcs8' });

/** An hmac key as a receiver gets it: `whsec_` and base64. */
export const secretText = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;

/** The public half of an Ed25519 key as a receiver gets it: `whpk_` and base64 of its 32 bytes. */
export const publicKeyText = (seed: Buffer): string => {
  const { x } = createPublicKey(privateKey(seed)).export({ format: 'jwk' });
  return `whpk_${Buffer.from(x ?? '', 'base64url').toString('base64')}`;
};

/** What is signed, and what goes out. */
export interface Message {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

const signature = ({ kind, secret }: SigningKey, content: string): string =>
  kind === 'hmac'
    ? `v1,${createHmac('sha256', secret).update(content).digest('base64')}`
    : `v1a,${signWith(null, Buffer.from(content), privateKey(secret)).toString('base64')}`;

/** The headers of a message by the Standard Webhooks specification, with one signature for each key. */
export const signedHeaders = (
  { id, timestamp, body }: Message,
  keys: readonly SigningKey[],
): Readonly<Record<string, string>> => ({
  'webhook-id': id,
  'webhook-timestamp': `${timestamp}`,
  'webhook-signature': keys.map((key) => signature(key, `${id}.${timestamp}.${body}`)).join(' '),
});
