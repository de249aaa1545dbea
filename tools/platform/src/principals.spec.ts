import { parseEnv } from './env-file.js';
import { principalEnv, wrongPrincipals } from './principals.js';
import { scramVerifier } from './servers/psql.js';
import { principalRule } from './servers/redis-cli.js';

const connections = {
  kafka: { brokers: ['127.0.0.1:19092'], username: 'admin', password: 'admin-secret', tls: false },
  registry: { url: 'http://127.0.0.1:18081/apis/ccompat/v7' },
  postgres: 'postgres://postgres:admin-secret@127.0.0.1:15432/postgres',
  redis: 'redis://admin:admin-secret@127.0.0.1:16379/0',
};

test('a principal gets what it asked for, and never an admin password', () => {
  const env = principalEnv('feed', { kafka: 'k', postgres: 'p' }, connections);
  expect(parseEnv(env)).toEqual({
    SOMA_KAFKA_BROKERS: '127.0.0.1:19092',
    SOMA_KAFKA_USERNAME: 'feed',
    SOMA_KAFKA_PASSWORD: 'k',
    SOMA_KAFKA_TLS: 'false',
    SOMA_REGISTRY_URL: 'http://127.0.0.1:18081/apis/ccompat/v7',
    SOMA_POSTGRES_URL: 'postgres://feed:p@127.0.0.1:15432/feed',
  });
  expect(env).not.toContain('admin');
});

test('every wrong name is reported, the good ones are not', () => {
  const names = ['feed', 'settings-api', 'admin', 'Robert"; DROP', '-x', 'a'.repeat(64)];
  expect(wrongPrincipals(names.map((name) => ({ name })))).toHaveLength(4);
});

test('Redis hears a hash and a prefix, not the password', () => {
  const rule = principalRule('feed', 'secret-password');
  expect(rule).toMatch(/^feed reset on #[0-9a-f]{64} ~feed:\* &feed:\* /);
  expect(rule).not.toContain('secret-password');
});

test('Postgres hears a SCRAM verifier, as RFC 7677 makes it', () => {
  // The example of RFC 7677, section 3: user "user", password "pencil".
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});
