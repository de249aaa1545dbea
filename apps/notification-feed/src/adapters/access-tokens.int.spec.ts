import { randomBytes, randomUUID } from 'node:crypto';
import { createPostgres, type Postgres } from '@soma/postgres';
import { startRelay, waitFor } from '@soma/testing';
import { createTestStore, logger, type TestStore } from '../../test/test-store.js';
import { tokenBytes, tokenText } from '../core/access-token.js';
import { createAccessTokens, type NewToken } from './access-tokens.js';
import { DatabaseTokens, hashOf } from './database-tokens.js';

let test: TestStore;
let postgres: Postgres;

beforeEach(async () => {
  test = await createTestStore();
  ({ postgres } = test);
});

afterEach(() => test.drop());

const newToken = (wish: Partial<NewToken> = {}) => {
  const text = tokenText(randomBytes(tokenBytes));
  const token: NewToken = {
    id: randomUUID(),
    sha256: hashOf(text),
    squads: ['infra-ops'],
    scopes: ['feed:read'],
    note: '',
    createdBy: 'operator',
    expiresAt: null,
    ...wish,
  };
  return { text, token };
};

const make = async (wish: Partial<NewToken> = {}) => {
  const { text, token } = newToken(wish);
  return { text, made: await createAccessTokens(postgres).make(token) };
};

const audited = async () => {
  const sql = "SELECT actor || ' ' || action || ' ' || subject AS event FROM audit_event ORDER BY position";
  return (await postgres.query<{ event: string }>(sql)).rows.map(({ event }) => event);
};

const all = { squads: ['*'], limit: 100, before: undefined };

describe('a token', () => {
  it('is kept with what was wished for, and stands for its caller until it is revoked', async () => {
    const tokens = createAccessTokens(postgres);
    const source = new DatabaseTokens(postgres, logger);
    const expiresAt = Date.UTC(2100, 0, 1);
    const wish = {
      squads: ['infra-ops', '*'],
      scopes: ['feed:read', 'feed:write'],
      note: 'for CI',
      expiresAt,
    };
    const { text, made } = await make(wish);
    expect(made).toMatchObject({ ...wish, createdBy: 'operator', revokedAt: null, lastUsedAt: null });
    expect(await source.find(text)).toMatchObject({ id: made.id, squads: wish.squads, scopes: wish.scopes });
    const by = { actor: 'ann', squads: ['*'] };
    expect(await tokens.revoke(made.id, by)).toBe(true);
    expect(await source.find(text)).toBeUndefined();
    expect(await tokens.revoke(made.id, by)).toBe(true);
    const [listed] = await tokens.list(all);
    expect(typeof listed?.revokedAt).toBe('number');
    const subject = `feed-token/${made.id}`;
    expect(await audited()).toEqual([`operator token.issued ${subject}`, `ann token.revoked ${subject}`]);
  });

  it('is not accepted once it has expired, nor when it is another', async () => {
    const source = new DatabaseTokens(postgres, logger);
    const { text } = await make({ expiresAt: Date.now() - 1 });
    expect(await source.find(text)).toBeUndefined();
    expect(await source.find(tokenText(randomBytes(tokenBytes)))).toBeUndefined();
  });

  it('is not there, and not audited, when it cannot be stored', async () => {
    const tokens = createAccessTokens(postgres);
    const { token } = newToken();
    await tokens.make(token);
    await expect(tokens.make({ ...token, id: randomUUID() })).rejects.toMatchObject({ code: '23505' });
    await expect(tokens.make(newToken({ squads: [] }).token)).rejects.toMatchObject({ code: '23514' });
    expect(await audited()).toHaveLength(1);
  });

  it('is revoked once by those who revoke it at the same time', async () => {
    const { made } = await make();
    const revoke = () =>
      createAccessTokens(postgres).revoke(made.id, { actor: 'ann', squads: ['infra-ops'] });
    expect(await Promise.all(Array.from({ length: 8 }, revoke))).toEqual(Array(8).fill(true));
    expect(await audited()).toHaveLength(2);
  });

  it('remembers when it was used, without being written for each use', async () => {
    const source = new DatabaseTokens(postgres, logger);
    const { text, made } = await make();
    const version = async () => {
      const sql = 'SELECT xmin::text AS version, last_used_at FROM access_token WHERE id = $1';
      return (await postgres.query<{ version: string; last_used_at: Date | null }>(sql, [made.id])).rows[0];
    };
    await source.find(text);
    const used = await waitFor(async () => {
      const row = await version();
      return row?.last_used_at && row;
    });
    await Promise.all(Array.from({ length: 20 }, () => source.find(text)));
    expect(await version()).toEqual(used);
    await postgres.query("UPDATE access_token SET last_used_at = now() - interval '61 seconds'");
    await source.find(text);
    await waitFor(
      async () => ((await version())?.last_used_at?.getTime() ?? 0) >= (used.last_used_at?.getTime() ?? 0),
    );
  });

  it('is no refusal when the database cannot be asked', async () => {
    const { text } = await make();
    const relay = await startRelay(test.url);
    const distant = createPostgres({ SOMA_POSTGRES_URL: relay.url }, { logger });
    try {
      const source = new DatabaseTokens(distant, logger);
      expect(await source.find(text)).toBeDefined();
      await relay.cut();
      await expect(source.find(text)).rejects.toMatchObject({ status: 503 });
      await relay.restore();
      await waitFor(() => source.find(text), { describe: 'the database to be back' });
    } finally {
      await distant.end();
      await relay.close();
    }
  });
});

describe('whose squads a caller covers', () => {
  it('are the tokens that are listed, and that can be revoked', async () => {
    const tokens = createAccessTokens(postgres);
    const wishes = [['infra-ops'], ['infra-ops', 'slm-execution'], ['slm-execution'], ['*']];
    const ids: string[] = [];
    for (const squads of wishes) ids.push((await make({ squads })).made.id);
    const seen = async (...squads: string[]) => {
      const listed = await tokens.list({ ...all, squads });
      return listed.map(({ id }) => ids.indexOf(id)).toSorted();
    };
    expect(await seen('*')).toEqual([0, 1, 2, 3]);
    expect(await seen('infra-ops')).toEqual([0]);
    expect(await seen('infra-ops', 'slm-execution')).toEqual([0, 1, 2]);
    expect(await seen()).toEqual([]);
    const by = { actor: 'ann', squads: ['infra-ops'] };
    expect(await Promise.all(ids.map((id) => tokens.revoke(id, by)))).toEqual([true, false, false, false]);
    expect(await tokens.revoke(randomUUID(), by)).toBe(false);
    expect((await tokens.list(all)).filter(({ revokedAt }) => revokedAt !== null)).toHaveLength(1);
  });

  it('come in pages, newest first, each once', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.push((await make()).made.id);
    const paged: string[] = [];
    for (;;) {
      const page = await createAccessTokens(postgres).list({ ...all, limit: 3, before: paged.at(-1) });
      if (page.length === 0) break;
      paged.push(...page.map(({ id }) => id));
    }
    expect(paged).toEqual(ids.toReversed());
  });
});
