import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const secret = 0o600;

/** On a laptop one person does it all, and approves their own plans. */
const scopes = [
  'feed:read',
  'feed:write',
  'feed:admin',
  'feed:webhooks',
  'feed:ack',
  ...['read', 'plan', 'approve', 'self-approve', 'apply'].map((act) => `topics:${act}`),
];

/** Who has a token on this machine. Alertmanager can tell what happens, and read nothing. */
const holders = [
  { id: 'operator', squads: ['*'], scopes },
  { id: 'alertmanager', squads: ['*'], scopes: ['feed:write'] },
] as const;

type Holder = (typeof holders)[number]['id'];

/** The file with somebody's token. */
export const tokenFile = (home: string, id: Holder): string => join(home, 'tokens', id);

const ensureSecret = (file: string, encoding: 'base64' | 'base64url'): void => {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString(encoding)}\n`, { mode: secret });
};

const ensureToken = (file: string): string => {
  ensureSecret(file, 'base64url');
  return createHash('sha256').update(readFileSync(file, 'utf8').trim()).digest('hex');
};

/**
 * Makes sure that the person on this machine and Alertmanager have a token, and that the services know its hash.
 * Returns the file that holds the person's.
 */
export const ensureOperatorToken = (home: string): string => {
  mkdirSync(join(home, 'tokens'), { recursive: true, mode: 0o700 });
  const tokens = holders.map(({ id, ...rights }) => ({
    id,
    sha256: ensureToken(tokenFile(home, id)),
    ...rights,
  }));
  writeFileSync(join(home, 'tokens.json'), `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: secret });
  return tokenFile(home, 'operator');
};

/** The file with the key under which notification-feed keeps the keys of webhooks; made if it is not there. */
export const ensureWebhookKey = (home: string): string => {
  const file = join(home, 'webhook-key');
  ensureSecret(file, 'base64');
  return file;
};
