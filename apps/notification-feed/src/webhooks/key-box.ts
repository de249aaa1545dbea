import { randomBytes, randomUUID } from 'node:crypto';
import { nonceBytes, seal, unseal } from '../core/webhooks/seal.js';
import { type KeyKind, publicKeyText, secretText, type SigningKey } from '../core/webhooks/signature.js';
import type { NewKey, WebhookKey } from './ports.js';

const secretBytes = 32;

/** A key that was just made: as it is kept, and the secret that is shown this once. */
export interface MadeKey {
  readonly key: NewKey;
  /** `whsec_…`; an Ed25519 key has no secret that a receiver could use. */
  readonly secret?: string;
}

/** Makes keys of webhooks and opens them; at rest they are encrypted under one key of the service. */
export interface KeyBox {
  make(webhook: string, kind: KeyKind): MadeKey;
  /** @throws Error if it was encrypted under another key. */
  open(webhook: string, key: WebhookKey): SigningKey;
}

const ownerOf = (webhook: string, key: string): string => `${webhook}/${key}`;

/** @param under 32 bytes. */
export const createKeyBox = (under: Buffer): KeyBox => ({
  make: (webhook, kind) => {
    const id = randomUUID();
    const secret = randomBytes(secretBytes);
    const sealed = seal(secret, under, randomBytes(nonceBytes), ownerOf(webhook, id));
    return kind === 'hmac'
      ? { key: { id, kind, sealed, publicKey: null }, secret: secretText(secret) }
      : { key: { id, kind, sealed, publicKey: publicKeyText(secret) } };
  },
  open: (webhook, { id, kind, sealed }) => ({ kind, secret: unseal(sealed, under, ownerOf(webhook, id)) }),
});
