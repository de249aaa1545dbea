import { createPublicKey, randomBytes, verify } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { publicKeyText, secretText, signedHeaders } from './signature.js';

const timestamp = Math.floor(Date.now() / 1000);
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const message = fc.record({
  id: fc.stringMatching(/^msg_[a-z0-9_]{1,40}$/),
  body: fc.json().filter((text) => text !== ''),
});

/** The other side of an Ed25519 key, from nothing but what a receiver is given. */
const receiverKey = (text: string) =>
  createPublicKey({
    key: {
      kty: 'OKP',
      crv: 'Ed25519',
      x: Buffer.from(text.slice('whpk_'.length), 'base64').toString('base64url'),
    },
    format: 'jwk',
  });

it('signs with every key so that each receiver can verify', () => {
  fc.assert(
    fc.property(secret, secret, secret, message, (one, two, seed, { id, body }) => {
      const headers = signedHeaders({ id, timestamp, body }, [
        { kind: 'hmac', secret: one },
        { kind: 'ed25519', secret: seed },
        { kind: 'hmac', secret: two },
      ]);
      for (const known of [one, two])
        expect(new Webhook(secretText(known)).verify(body, headers)).toEqual(JSON.parse(body));
      const [, asymmetric = ''] = (headers['webhook-signature'] ?? '').split(' ');
      expect(asymmetric).toMatch(/^v1a,/);
      const content = Buffer.from(`${id}.${timestamp}.${body}`);
      const signature = Buffer.from(asymmetric.slice('v1a,'.length), 'base64');
      expect(verify(null, content, receiverKey(publicKeyText(seed)), signature)).toBe(true);
      expect(
        verify(null, Buffer.concat([content, content]), receiverKey(publicKeyText(seed)), signature),
      ).toBe(false);
    }),
    { numRuns: 50 },
  );
});

it('is not taken by who knows another secret, nor with another body', () => {
  const known = randomBytes(32);
  const headers = signedHeaders({ id: 'msg_1', timestamp, body: '{"a":1}' }, [
    { kind: 'hmac', secret: known },
  ]);
  expect(() => new Webhook(secretText(randomBytes(32))).verify('{"a":1}', headers)).toThrow(/No matching/);
  expect(() => new Webhook(secretText(known)).verify('{"a":2}', headers)).toThrow(/No matching/);
});

it('knows the pair of RFC 8032', () => {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const known = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
  expect(publicKeyText(seed)).toBe(`whpk_${known.toString('base64')}`);
});
