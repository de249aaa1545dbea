import { readFile, stat } from 'node:fs/promises';
import type { Logger } from '@soma/telemetry';
import { ConfigError } from '../config/config-error.js';
import type { Caller } from './caller.js';
import { TokenSource } from './token-source.js';
import { type AcceptedToken, findCaller, parseTokens } from './tokens.js';

const variable = 'SOMA_AUTH_TOKENS_FILE';
const expected = 'a JSON file {"tokens":[{"id","sha256","squads","scopes"}]}';

/**
 * The tokens in a file, read again whenever the file changes, so that a token is revoked without a restart. A file that
 * has gone accepts nobody; one that became invalid is reported, and the last valid content stays in force.
 */
export class TokenFile extends TokenSource {
  private tokens: readonly AcceptedToken[] = [];
  private version = '';

  private constructor(
    private readonly path: string,
    private readonly logger: Logger,
  ) {
    super();
  }

  /** @throws ConfigError if the file cannot be read or is invalid. */
  static async open(path: string, logger: Logger): Promise<TokenFile> {
    const file = new TokenFile(path, logger);
    const problem = await file.refresh();
    if (problem)
      throw new ConfigError([{ variable, expected, given: path, fix: `correct the file: it ${problem}` }]);
    return file;
  }

  async find(token: string): Promise<Caller | undefined> {
    const problem = await this.refresh();
    if (problem) this.logger.error({ path: this.path, problem }, 'tokens file not usable');
    return findCaller(this.tokens, token);
  }

  /** Reads the file if it is another than at the last look; answers what is wrong with it, if something is. */
  private async refresh(): Promise<string | undefined> {
    const seen = await stat(this.path).catch(() => undefined);
    const version = seen ? `${seen.ino}:${seen.size}:${seen.mtimeMs}` : 'missing';
    if (version === this.version) return undefined;
    this.version = version;
    const text = seen && (await readFile(this.path, 'utf8').catch(() => undefined));
    if (text === undefined) {
      this.tokens = [];
      return 'cannot be read';
    }
    const parsed = parseTokens(text);
    if (!parsed.ok) return parsed.problems.join('; ');
    this.tokens = parsed.tokens;
    return undefined;
  }
}
