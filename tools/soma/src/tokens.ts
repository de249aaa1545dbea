import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const secret = 0o600;

/** On a laptop one person does it all, and approves their own plans. */
const scopes = [
  'feed:read',
  'feed:write',
  ...['read', 'plan', 'approve', 'self-approve', 'apply'].map((act) => `topics:${act}`),
];

/**
 * Makes sure that the person on this machine has a token and that the services know its hash. Returns the file
 * that holds the token.
 */
export const ensureOperatorToken = (home: string): string => {
  const file = join(home, 'tokens', 'operator');
  if (!existsSync(file)) {
    mkdirSync(join(home, 'tokens'), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: secret });
  }
  const sha256 = createHash('sha256').update(readFileSync(file, 'utf8').trim()).digest('hex');
  const operator = { id: 'operator', sha256, squads: ['*'], scopes };
  writeFileSync(join(home, 'tokens.json'), `${JSON.stringify({ tokens: [operator] }, null, 2)}\n`, {
    mode: secret,
  });
  return file;
};
