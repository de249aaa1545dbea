import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@soma/telemetry';
import { waitFor } from '@soma/testing';
import fc from 'fast-check';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { callerOf, JwtTokens } from './jwt-tokens.js';

const issuer = 'https://rotator.example.com';
const audience = 'soma';
const logger = createLogger({ service: 'spec', level: 'silent' });
const claims = { sub: 'ann', squad: 'infra-ops', scope: 'feed:read feed:write' };

interface Signer {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

const signer = async (kid: string, alg = 'EdDSA'): Promise<Signer> => {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
};

const unsigned = (
  payload: JWTPayload,
  { iss = issuer, aud = audience, exp = '5m' }: { iss?: string; aud?: string; exp?: string | number } = {},
) => new SignJWT(payload).setIssuer(iss).setAudience(aud).setIssuedAt().setExpirationTime(exp);

type Wishes = Parameters<typeof unsigned>[1];

const sign = ({ kid, alg, privateKey }: Signer, payload: JWTPayload = claims, wishes: Wishes = {}) =>
  unsigned(payload, wishes).setProtectedHeader({ alg, kid }).sign(privateKey);

let keys: readonly JWK[];
let asked: number;
let server: Server;
let url: URL;
let first: Signer;

const listen = async (port = 0): Promise<void> => {
  server = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`);
};

const close = async (): Promise<void> => {
  if (!server.listening) return;
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

const open = (refreshMs = 300_000): JwtTokens => new JwtTokens({ url, issuer, audience, refreshMs, logger });

beforeAll(async () => {
  first = await signer('first');
});

beforeEach(async () => {
  keys = [first.jwk];
  asked = 0;
  await listen();
});

afterEach(close);

describe('a JWT', () => {
  it.each(['EdDSA', 'RS256', 'ES256'])(
    'signed with %s says who calls, asking for the keys once',
    async (alg) => {
      const key = await signer(alg, alg);
      keys = [key.jwk];
      const tokens = open();
      const caller = await tokens.find(await sign(key));
      expect(caller).toMatchObject({ id: 'ann', squads: ['infra-ops'], scopes: ['feed:read', 'feed:write'] });
      expect(await tokens.find(await sign(key, { sub: 'bob', squads: ['*'] }))).toMatchObject({
        id: 'bob',
        squads: ['*'],
        scopes: [],
      });
      expect(asked).toBe(1);
    },
  );

  it('is refused when it has expired, beyond the difference of two clocks', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const tokens = open();
    expect(await tokens.find(await sign(first, claims, { exp: now - 25 }))).toMatchObject({ id: 'ann' });
    expect(await tokens.find(await sign(first, claims, { exp: now - 31 }))).toBeUndefined();
    const endless = new SignJWT(claims).setIssuer(issuer).setAudience(audience);
    const header = { alg: first.alg, kid: first.kid };
    expect(
      await tokens.find(await endless.setProtectedHeader(header).sign(first.privateKey)),
    ).toBeUndefined();
  });

  it('is refused when it is of another issuer, or for somebody else', async () => {
    const tokens = open();
    expect(await tokens.find(await sign(first))).toBeDefined();
    expect(await tokens.find(await sign(first, claims, { iss: `${issuer}.example.org` }))).toBeUndefined();
    expect(await tokens.find(await sign(first, claims, { aud: 'console' }))).toBeUndefined();
  });

  it('is refused when it says neither a squad nor who it is', async () => {
    const tokens = open();
    expect(await tokens.find(await sign(first, { sub: 'ann', scope: 'feed:read' }))).toBeUndefined();
    expect(await tokens.find(await sign(first, { sub: 'ann', squads: [] }))).toBeUndefined();
    expect(await tokens.find(await sign(first, { squad: 'infra-ops' }))).toBeUndefined();
  });

  it('is refused when anybody could have made it: without a signature, or with the public key as a secret', async () => {
    const rsa = await signer('rsa', 'RS256');
    keys = [rsa.jwk];
    const tokens = open();
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
    const [, payload = ''] = (await sign(rsa)).split('.');
    for (const alg of ['none', 'None', 'NONE'])
      expect(await tokens.find(`${part({ alg, kid: 'rsa' })}.${payload}.`)).toBeUndefined();
    const secrets = [await exportSPKI(rsa.publicKey), JSON.stringify(rsa.jwk), rsa.jwk.n ?? ''];
    for (const secret of secrets) {
      const forged = unsigned(claims).setProtectedHeader({ alg: 'HS256', kid: 'rsa' });
      expect(await tokens.find(await forged.sign(new TextEncoder().encode(secret)))).toBeUndefined();
    }
    const stranger = await signer('rsa', 'RS256');
    expect(await tokens.find(await sign(stranger))).toBeUndefined();
    expect(await tokens.find(await sign({ ...stranger, alg: 'RS256', kid: 'rsa' }))).toBeUndefined();
    expect(await tokens.find(await sign(rsa))).toBeDefined();
  });

  it('is nothing to ask anybody about when it has not the form of one', async () => {
    for (const token of ['feed_x', 'a.b', '...', 'a.b.c.d', '\u00e9.b.c'])
      expect(await open().find(token)).toBeUndefined();
    expect(asked).toBe(0);
  });

  it('of a key that came after the set was read is accepted soon, without asking for each', async () => {
    const tokens = open();
    expect(await tokens.find(await sign(first))).toBeDefined();
    const second = await signer('second');
    const rotated = await sign(second);
    expect(await tokens.find(rotated)).toBeUndefined();
    keys = [first.jwk, second.jwk];
    await Promise.all(Array.from({ length: 50 }, () => tokens.find(rotated)));
    expect(asked).toBe(1);
    await waitFor(() => tokens.find(rotated), { describe: 'the rotated key' });
    expect(asked).toBe(2);
    expect(await tokens.find(await sign(first))).toBeDefined();
  }, 20_000);
});

it('does not outlive its key by more than the age of the key set', async () => {
  const tokens = open(100);
  const second = await signer('second');
  keys = [first.jwk, second.jwk];
  expect(await tokens.find(await sign(first))).toBeDefined();
  keys = [second.jwk];
  const withdrawn = await sign(first);
  await waitFor(async () => (await tokens.find(withdrawn)) === undefined, { describe: 'the withdrawal' });
  await close();
  const known = await sign(second);
  // Longer than the key set may be old.
  const end = performance.now() + 300;
  while (performance.now() < end) expect(await tokens.find(known)).toBeDefined();
});

describe('a key set that cannot be read', () => {
  const unavailable = { status: 503, code: 'key-set-unavailable' };

  it('leaves the keys that are known at work, and says 503 for the others until it is back', async () => {
    const tokens = open();
    const second = await signer('second');
    expect(await tokens.find(await sign(first))).toBeDefined();
    await close();
    const unknown = await sign(second);
    await waitFor(() => tokens.find(unknown).catch((error: unknown) => error), { describe: 'a refusal' });
    await expect(tokens.find(unknown)).rejects.toMatchObject(unavailable);
    expect(await tokens.find(await sign(first))).toBeDefined();
    keys = [first.jwk, second.jwk];
    await listen(Number(url.port));
    expect(await tokens.find(unknown)).toBeDefined();
  }, 20_000);

  it.each([
    ['nobody listens', () => close()],
    [
      'it is no key set',
      () =>
        Promise.resolve(
          server.removeAllListeners('request').on('request', (_, answer) => answer.end('<html>')),
        ),
    ],
    [
      'it fails',
      () =>
        Promise.resolve(
          server.removeAllListeners('request').on('request', (_, answer) => answer.writeHead(500).end()),
        ),
    ],
    ['it hangs', () => Promise.resolve(server.removeAllListeners('request').on('request', () => undefined))],
  ])('is a 503 at the first token, too, when %s', async (_, spoil) => {
    await spoil();
    await expect(open().find(await sign(first))).rejects.toMatchObject(unavailable);
  });
});

it('takes the squads of a JWT from both claims, each once, and no scope that is not named', () => {
  const name = fc.stringMatching(/^[a-z*-]{1,12}$/);
  fc.assert(
    fc.property(fc.option(name), fc.uniqueArray(name), fc.array(name), (squad, squads, scopes) => {
      const caller = callerOf({
        sub: 'ann',
        ...(squad !== null && { squad }),
        squads,
        scope: scopes.join(' '),
      });
      const expected = new Set([...(squad === null ? [] : [squad]), ...squads]);
      expect(new Set(caller?.squads ?? [])).toEqual(expected);
      expect(caller?.squads.length ?? 0).toBe(expected.size);
      if (caller) expect(caller.scopes).toEqual(scopes);
    }),
  );
});
