import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@soma/telemetry';
import { ConfigError } from '../config/config-error.js';
import { TokenFile } from './token-file.js';

const lines: string[] = [];
const logger = createLogger({ service: 'spec', level: 'info' }, { write: (line) => void lines.push(line) });
const file = (...tokens: string[]): string =>
  JSON.stringify({
    tokens: tokens.map((token) => ({
      id: `owner of ${token}`,
      sha256: createHash('sha256').update(token).digest('hex'),
      squads: [],
      scopes: [],
    })),
  });

describe('TokenFile', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'soma-tokens-'));
    path = join(folder, 'tokens.json');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('follows the file: new tokens count, revoked ones do not', async () => {
    writeFileSync(path, file('old'));
    const source = await TokenFile.open(path, logger);
    expect((await source.find('old'))?.id).toBe('owner of old');
    writeFileSync(path, file('new', 'other'));
    expect(await source.find('old')).toBeUndefined();
    expect((await source.find('new'))?.id).toBe('owner of new');
  });

  it('accepts nobody when the file is gone', async () => {
    writeFileSync(path, file('t'));
    const source = await TokenFile.open(path, logger);
    rmSync(path);
    expect(await source.find('t')).toBeUndefined();
  });

  it('keeps the last valid content when the file becomes invalid, and says so once', async () => {
    writeFileSync(path, file('t'));
    const source = await TokenFile.open(path, logger);
    writeFileSync(path, '{"tokens": [');
    lines.length = 0;
    expect((await source.find('t'))?.id).toBe('owner of t');
    expect((await source.find('t'))?.id).toBe('owner of t');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('is no JSON');
  });

  it('does not open what is missing or invalid', async () => {
    await expect(TokenFile.open(path, logger)).rejects.toBeInstanceOf(ConfigError);
    writeFileSync(path, '{"tokens":[{"id":""}]}');
    await expect(TokenFile.open(path, logger)).rejects.toThrow('SOMA_AUTH_TOKENS_FILE');
  });
});
