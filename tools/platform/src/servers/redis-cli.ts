import { createHash } from 'node:crypto';
import { PlatformError } from '../errors.js';
import { lastWords, run } from '../process/run.js';

/** Runs Redis commands, one per line. Password by environment, commands by standard input. Rejects on the first error reply. */
export const redisCli = async (
  program: string,
  url: string,
  commands: readonly string[],
): Promise<string[]> => {
  const { hostname, port, username, password, protocol } = new URL(url);
  const args = [
    '-h',
    hostname,
    '-p',
    port || '6379',
    '--no-auth-warning',
    ...(username ? ['--user', decodeURIComponent(username)] : []),
    ...(protocol === 'rediss:' ? ['--tls'] : []),
  ];
  const result = await run(program, args, {
    env: { PATH: process.env['PATH'], ...(password && { REDISCLI_AUTH: decodeURIComponent(password) }) },
    input: `${commands.join('\n')}\n`,
    timeoutMs: 10_000,
  });
  const replies = result.stdout.split('\n').filter((line) => line !== '');
  const error =
    replies.find((line) => /^(ERR|NOAUTH|WRONGPASS|NOPERM|LOADING|MISCONF|AUTH failed)/.test(line)) ??
    /AUTH failed.*/.exec(result.stderr)?.[0];
  if (result.code !== 0 || error !== undefined) {
    throw new PlatformError(
      'start-failed',
      `Redis at ${hostname}:${port} refused: ${error ?? lastWords(result, 2)}`,
    );
  }
  return replies;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An access rule in the words of Redis' ACL; passwords are hashes there. */
export const adminRule = (password: string): string => `admin on #${sha256(password)} ~* &* +@all`;

/** A service may use its own keys and channels, and nothing that reaches beyond them. INFO is what clients ask when they connect. */
export const principalRule = (name: string, password: string): string =>
  `${name} reset on #${sha256(password)} ~${name}:* &${name}:* +@all -@admin -@dangerous +info`;
