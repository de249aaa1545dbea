import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { PlatformError } from '../errors.js';
import { lastWords, run } from '../process/run.js';

/** Runs SQL with Debian's client. The password goes by environment and the SQL by standard input: neither is in an argument list. */
export const psql = async (program: string, url: string, sql: string): Promise<string> => {
  const address = new URL(url);
  const password = decodeURIComponent(address.password);
  address.password = '';
  const result = await run(program, ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', address.href], {
    env: { PATH: process.env['PATH'], PGPASSWORD: password, PGCONNECT_TIMEOUT: '5' },
    input: sql,
    timeoutMs: 30_000,
  });
  if (result.code !== 0)
    throw new PlatformError('start-failed', `Postgres at ${address.host} refused: ${lastWords(result, 3)}`);
  return result.stdout.trim();
};

/** The form in which Postgres stores a password; sent instead of it, so that no log can show it. */
export const scramVerifier = (
  password: string,
  salt: Buffer = randomBytes(16),
  iterations = 4096,
): string => {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${hmac('Server Key').toString('base64')}`;
};

/** SQL that makes a login role and a database of its own, or gives the role this password; pure but for the salt. `name` must be a checked identifier. */
export const roleWithDatabase = (name: string, password: string): string => `
SELECT 'CREATE ROLE "${name}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec
ALTER ROLE "${name}" LOGIN PASSWORD '${scramVerifier(password)}';
SELECT 'CREATE DATABASE "${name}" OWNER "${name}"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec
REVOKE CONNECT, TEMPORARY ON DATABASE "${name}" FROM PUBLIC;
`;
