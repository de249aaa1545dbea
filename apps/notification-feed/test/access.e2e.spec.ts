import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventConsumer, type ReceivedEvent } from '@soma/kafka';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { logger } from './test-store.js';

const issuer = 'https://rotator.example.com';

let site: FeedSite;
let keys: JWK[] = [];
let jwks: Server;
let variables: Record<string, string>;
let replicas: readonly SpawnedService[];
let consumer: EventConsumer;
const audited: ReceivedEvent<'identity.audit'>[] = [];

beforeAll(async () => {
  site = await createFeedSite();
  jwks = createServer((_, answer) => answer.end(JSON.stringify({ keys })));
  jwks.listen(0, '127.0.0.1');
  await once(jwks, 'listening');
  variables = {
    SOMA_JWKS_URL: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks.json`,
    SOMA_JWT_ISSUER: issuer,
    SOMA_JWT_AUDIENCE: 'feed',
  };
  replicas = await Promise.all([site.start(variables), site.start(variables)]);
  const { settings, serde, producer } = site;
  consumer = new EventConsumer(settings, {
    service: 'audit-archive',
    group: 'audit-archive',
    serde,
    producer,
    logger,
    handlers: new Map([
      [
        'identity.audit',
        {
          kind: 'batch',
          maxEvents: 100,
          handle: (events) => {
            audited.push(...(events as readonly ReceivedEvent<'identity.audit'>[]));
            return Promise.resolve();
          },
        },
      ],
    ]),
  });
  consumer.start();
}, 120_000);

afterAll(async () => {
  await consumer.stop();
  jwks.close();
  await site.drop();
}, 60_000);

const at = (index: number): string => {
  const replica = replicas[index];
  if (!replica) throw new Error(`there is no replica ${index}`);
  return replica.url;
};

interface Token {
  readonly id: string;
  readonly token: string;
}

const operator = () => site.token('operator');

const issue = (wish: object, token = operator(), url = at(0)) =>
  httpJson(`${url}/v1/tokens`, { body: wish, token });

const issued = async (wish: object = {}, token = operator(), url = at(0)): Promise<Token> => {
  const { status, body } = await issue({ squads: ['infra-ops'], scopes: ['feed:read'], ...wish }, token, url);
  expect(status).toBe(201);
  return body as Token;
};

const revoke = (id: string, token = operator()) =>
  httpJson(`${at(0)}/v1/tokens/${id}`, { method: 'DELETE', token });

const read = (squad: string, token: string, url = at(0)) =>
  httpJson(`${url}/v1/notifications?squad=${squad}`, { token });

const status = async (...args: Parameters<typeof read>) => (await read(...args)).status;

/** What auditors were told of a subject or an actor, in order; an event that came twice is one. */
const told = (about: string) => {
  const once = new Map(audited.map((event) => [event.cloudEvent?.id, event.value]));
  return [...once.values()]
    .filter(({ actor, subject }) => actor === about || subject === about)
    .map(({ actor, action, subject, outcome }) => `${actor} ${action} ${subject} ${outcome}`);
};

const outbox = async () =>
  (await site.database.postgres.query<{ subject: string }>('SELECT subject FROM audit_event')).rows;

const allTold = () =>
  waitFor(async () => (await outbox()).length === 0, {
    describe: 'the outbox to be empty',
    timeoutMs: 30_000,
  });

/** Waits for this, and for nothing more to come. */
const expectTold = async (about: string, expected: readonly string[]) => {
  await allTold();
  await waitFor(() => told(about).length >= expected.length, {
    timeoutMs: 30_000,
    describe: `events of ${about}`,
  });
  expect(told(about)).toEqual(expected);
};

describe('a token of a squad', () => {
  it('reads the feed of that squad on every replica, until it is revoked', async () => {
    const { id, token } = await issued({ note: 'for the console' });
    expect(token).toMatch(/^feed_[\w-]{43}$/);
    for (const url of [at(0), at(1)]) {
      expect(await status('infra-ops', token, url)).toBe(200);
      expect(await read('slm-execution', token, url)).toMatchObject({
        status: 403,
        body: { code: 'squad-not-allowed', squads: ['slm-execution'] },
      });
    }
    expect((await httpJson(`${at(0)}/v1/tokens`, { token })).status).toBe(403);
    expect((await revoke(id)).status).toBe(204);
    for (const url of [at(0), at(1)])
      await waitFor(async () => (await status('infra-ops', token, url)) === 401, { timeoutMs: 2_000 });
    expect((await revoke(id)).status).toBe(204);
    const subject = `feed-token/${id}`;
    await expectTold(subject, [
      `operator token.issued ${subject} success`,
      `operator token.revoked ${subject} success`,
    ]);
    // One for each replica: each remembers what it has told for a minute.
    await expectTold(id, Array(2).fill(`${id} feed.read feed/slm-execution denied`) as string[]);
  }, 60_000);

  it('is shown once: nothing gives its text away later', async () => {
    const made = await issue({ squads: ['infra-ops'], scopes: ['feed:read'] });
    const { id, token } = made.body as Token;
    expect(made.headers.get('cache-control')).toBe('no-store');
    await waitFor(async () => (await status('infra-ops', token)) === 200);
    const listed = await waitFor(async () => {
      const { body } = await httpJson(`${at(1)}/v1/tokens`, { token: operator() });
      const { tokens } = body as { tokens: { id: string; last_used_at: string | null }[] };
      const found = tokens.find((one) => one.id === id);
      return found?.last_used_at && found;
    });
    expect(Object.keys(listed).toSorted()).toEqual([
      'created_at', 'created_by', 'expires_at', 'id', 'last_used_at', 'note', 'revoked_at', 'scopes', 'squads',
    ]); // prettier-ignore
    const dump = await site.database.postgres.query<{ row: string }>(
      'SELECT t::text AS row FROM access_token t',
    );
    expect(JSON.stringify([dump.rows, listed, replicas.map((replica) => replica.logs())])).not.toContain(
      token,
    );
  });

  it('ends by itself when it was made to', async () => {
    const { token } = await issued({ expires_at: new Date(Date.now() + 3_000).toISOString() });
    expect(await status('infra-ops', token)).toBe(200);
    await waitFor(async () => (await status('infra-ops', token)) === 401);
    expect(await issue({ squads: ['infra-ops'], scopes: ['feed:read'], expires_at: 1 })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'expires_at' }] },
    });
  });

  it('gives no more than whoever makes it has, and belongs to those whose squads cover it', async () => {
    const admin = site.token('billing-admin');
    const beyond = { squads: ['infra-ops', 'identity-settings', '*'], scopes: ['feed:read'] };
    expect(await issue(beyond, admin)).toMatchObject({
      status: 403,
      body: { code: 'squad-not-allowed', squads: ['infra-ops', '*'] },
    });
    const own = { squads: ['identity-settings'], scopes: ['feed:read'] };
    expect(await issue({ ...own, scopes: ['feed:read', 'feed:write'] }, admin)).toMatchObject({
      status: 403,
      body: { code: 'scope-not-allowed', scopes: ['feed:write'] },
    });
    expect((await issue(own, site.token('billing'))).status).toBe(403);
    const mine = await issued(own, admin);
    const foreign = await issued();
    const { body } = await httpJson(`${at(0)}/v1/tokens`, { token: admin });
    expect((body as { tokens: Token[] }).tokens.map(({ id }) => id)).toEqual([mine.id]);
    expect(await revoke(foreign.id, admin)).toMatchObject({ status: 404, body: { code: 'no-such-token' } });
    expect(await status('infra-ops', foreign.token)).toBe(200);
    // A token can make tokens, too, within what it has.
    const child = { ...own, scopes: ['feed:admin', 'feed:read'] };
    const parent = await issued(child, admin);
    expect((await issue({ ...own, squads: ['infra-ops'] }, parent.token)).status).toBe(403);
    await issued(own, parent.token);
    await expectTold(`feed-token/${foreign.id}`, [`operator token.issued feed-token/${foreign.id} success`]);
    expect(
      told('billing-admin')
        .filter((event) => event.endsWith('denied'))
        .toSorted(),
    ).toEqual([
      'billing-admin token.issued feed/* denied',
      'billing-admin token.issued feed/infra-ops denied',
    ]);
  }, 60_000);

  it('is told everything that is wrong with it at once', async () => {
    const wrong = {
      squads: ['everybody'],
      scopes: [],
      note: 'two\nlines',
      expires_at: 'soon',
      squad: 'infra-ops',
    };
    const answer = await issue(wrong);
    const { errors } = answer.body as { errors: { path: string }[] };
    expect([answer.status, errors.map(({ path }) => path)]).toEqual([
      400,
      ['squads.0', 'scopes', 'note', 'expires_at', ''],
    ]);
    expect((await revoke('1')).status).toBe(400);
    expect((await httpJson(`${at(0)}/v1/tokens?before=x&limit=0`, { token: operator() })).status).toBe(400);
  });

  it('has a refusal told once, however often it is tried', async () => {
    const { id, token } = await issued({ scopes: ['feed:read', 'feed:write'] });
    const post = () =>
      httpJson(`${at(0)}/v1/notifications`, {
        token,
        body: { squads: ['ui-experience'], kind: 'x', title: 'x' },
      });
    for (let time = 0; time < 5; time += 1) {
      expect(await status('ui-experience', token)).toBe(403);
      expect((await post()).status).toBe(403);
      const stream = await httpJson(`${at(0)}/v1/stream?squad=ui-experience`, { token });
      expect(stream.status).toBe(403);
    }
    await expectTold(id, [
      `${id} feed.read feed/ui-experience denied`,
      `${id} feed.write feed/ui-experience denied`,
    ]);
  }, 60_000);
});

it('lets in whom a JWT of the key set names, as far as it says', async () => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA');
  keys = [{ ...(await exportJWK(publicKey)), kid: 'k-1', alg: 'EdDSA' }];
  const jwt = (audience: string) =>
    new SignJWT({ squad: 'slm-execution', scope: 'feed:read' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k-1' })
      .setSubject('ann')
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime('5m')
      .sign(privateKey);
  const token = await jwt('feed');
  expect(await status('slm-execution', token)).toBe(200);
  expect(await status('infra-ops', token)).toBe(403);
  expect((await httpJson(`${at(0)}/v1/tokens`, { token })).status).toBe(403);
  expect(await status('slm-execution', await jwt('console'))).toBe(401);
  await expectTold('ann', ['ann feed.read feed/infra-ops denied']);
}, 60_000);

it('tells of a token also when every replica is killed between its making and the telling', async () => {
  const release = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  // The turn to relay, as another replica would have it.
  const holding = site.database.postgres.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [0x61756469]);
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const { id, token } = await issued();
  const subject = `feed-token/${id}`;
  expect(await outbox()).toEqual([{ subject }]);
  for (const replica of replicas) replica.kill('SIGKILL');
  await Promise.all(replicas.map((replica) => replica.exited));
  release.resolve();
  await holding;
  expect([await outbox(), told(subject)]).toEqual([[{ subject }], []]);
  replicas = [await site.start(variables)];
  expect(await status('infra-ops', token)).toBe(200);
  await expectTold(subject, [`operator token.issued ${subject} success`]);
}, 120_000);
