import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@soma/telemetry';
import { waitFor } from '@soma/testing';
import { Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';
import { JwtTokens } from './jwt-tokens.js';
import { TokenFile } from './token-file.js';
import { TokenSource } from './token-source.js';

const logger = createLogger({ service: 'spec', level: 'silent' });

/** Counts how often a source is asked. */
class Counted extends TokenSource {
  asked = 0;

  constructor(private readonly source: TokenSource) {
    super();
  }

  find(token: string): Promise<Caller | undefined> {
    this.asked += 1;
    return this.source.find(token);
  }
}

interface Rights {
  readonly squads: readonly string[];
  readonly scopes: readonly string[];
}

const reader: Rights = { squads: ['infra-ops'], scopes: ['feed:read'] };

let folder: string;
let source: Counted;
let authenticator: Authenticator;

const write = (name: string, tokens: Readonly<Record<string, Rights>>): string => {
  const path = join(folder, name);
  const listed = Object.entries(tokens).map(([token, rights]) => ({
    id: `owner of ${token}`,
    sha256: createHash('sha256').update(token).digest('hex'),
    ...rights,
  }));
  writeFileSync(path, JSON.stringify({ tokens: listed }));
  return path;
};

const authenticate = (token = 't', scopes: readonly string[] = ['feed:read']) =>
  authenticator.authenticate(`Bearer ${token}`, scopes);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soma-tokens-'));
  source = new Counted(await TokenFile.open(write('tokens.json', { t: reader }), logger));
  authenticator = new Authenticator();
  authenticator.register(source);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('asks each source until one knows the token', async () => {
  await expect(authenticate('own', [])).rejects.toMatchObject({ status: 401 });
  const own = write('own.json', { own: { squads: ['*'], scopes: [] } });
  const second = new Counted(await TokenFile.open(own, logger));
  authenticator.register(second);
  expect(await authenticate('own', [])).toMatchObject({ id: 'owner of own', squads: ['*'] });
  expect(await authenticate()).toMatchObject({ id: 'owner of t' });
  expect(second.asked).toBe(1);
});

it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic t', 't', 'Bearer t t'])('refuses %j', async (value) => {
  await expect(authenticator.authenticate(value, [])).rejects.toMatchObject({ status: 401 });
  expect(source.asked).toBe(0);
});

it('names every scope that is missing', async () => {
  await expect(authenticate('t', ['feed:read', 'feed:write', 'feed:admin'])).rejects.toMatchObject({
    status: 403,
    fields: { missing_scopes: ['feed:write', 'feed:admin'] },
  });
});

it('looks an accepted token up once for all who ask at one time, and a wrong one each time', async () => {
  await Promise.all(Array.from({ length: 100 }, () => authenticate()));
  expect(source.asked).toBe(1);
  for (let time = 0; time < 3; time += 1)
    await expect(authenticate('wrong')).rejects.toMatchObject({ status: 401 });
  expect(source.asked).toBe(4);
});

it('tells a caller of old what their token is worth now', async () => {
  const caller = await authenticate();
  expect(await caller.stillAllowed()).toMatchObject({ id: 'owner of t', ...reader });
  const other = { ...reader, squads: ['slm-execution'] };
  write('tokens.json', { t: other, unrelated: reader });
  const changed = await waitFor(async () => {
    const now = await caller.stillAllowed();
    return now?.mayRead('infra-ops') === false && now;
  });
  expect(changed.mayRead('slm-execution')).toBe(true);
  write('tokens.json', { t: { ...other, scopes: [] } });
  await waitFor(async () => (await changed.stillAllowed()) === undefined, { describe: 'the lost scope' });
  write('tokens.json', { t: reader, unrelated: reader });
  await waitFor(() => caller.stillAllowed(), { describe: 'the scope to be back' });
  write('tokens.json', {});
  await waitFor(async () => (await caller.stillAllowed()) === undefined, { describe: 'the revocation' });
});

it('does not take a source that cannot tell for one that refuses', async () => {
  const url = new URL('http://127.0.0.1:1/nobody-listens');
  authenticator.register(new JwtTokens({ url, issuer: 'i', audience: 'a', refreshMs: 1_000, logger }));
  const header = Buffer.from('{"alg":"EdDSA","kid":"k"}').toString('base64url');
  await expect(authenticate(`${header}.e30.AAAA`)).rejects.toMatchObject({ status: 503 });
  expect(await authenticate()).toMatchObject({ id: 'owner of t' });
});
