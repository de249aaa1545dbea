import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load-config.js';
import { serviceEnv } from './service-env.js';

const schema = z.object({
  ...serviceEnv,
  SOMA_POSTGRES_URL: z
    .url({ protocol: /^postgres$/ })
    .describe('postgres://user:password@host:port/database'),
  SOMA_KAFKA_PASSWORD: z.string().min(8).optional().describe('password'),
  SOMA_LIST: z
    .string()
    .transform((text) => text.split(','))
    .default(['a']),
});
const valid = { SOMA_POSTGRES_URL: 'postgres://u:hush@h:1/d' };

const problems = (env: Record<string, string>): ConfigError['problems'] => {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
};

describe('loadConfig', () => {
  it('turns variables into typed values, with defaults, frozen to the bottom', () => {
    const config = loadConfig(schema, {
      ...valid,
      SOMA_HTTP_PORT: '8080',
      SOMA_LIST: 'x,y',
      OTHER: 'ignored',
    });
    expect(config).toMatchObject({
      SOMA_HTTP_PORT: 8080,
      SOMA_HTTP_HOST: '127.0.0.1',
      SOMA_LIST: ['x', 'y'],
    });
    expect(config).not.toHaveProperty('OTHER');
    expect(() => Object.assign(config, { SOMA_HTTP_PORT: 1 })).toThrow(TypeError);
    expect(() => config.SOMA_LIST.push('z')).toThrow(TypeError);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadConfig(schema, { ...valid, SOMA_HTTP_PORT: '' }).SOMA_HTTP_PORT).toBe(0);
  });

  it('names every problem at once: what is expected, what was given, what to do', () => {
    expect(
      problems({ SOMA_HTTP_PORT: '99999', SOMA_KAFKA_PASSWORD: 'hush', SOMA_LOG_LEVEL: 'loud' }),
    ).toEqual([
      {
        variable: 'SOMA_HTTP_PORT',
        expected: 'port to listen on, 0 to 65535, where 0 takes any free one',
        given: '99999',
        fix: 'correct it (Too big: expected number to be <=65535)',
      },
      {
        variable: 'SOMA_LOG_LEVEL',
        expected: 'one of trace, debug, info, warn, error, fatal, silent',
        given: 'loud',
        fix: expect.stringMatching(/^correct it/) as string,
      },
      {
        variable: 'SOMA_POSTGRES_URL',
        expected: 'postgres://user:password@host:port/database',
        given: 'nothing',
        fix: 'set SOMA_POSTGRES_URL or SOMA_POSTGRES_URL_FILE',
      },
      {
        variable: 'SOMA_KAFKA_PASSWORD',
        expected: 'password',
        given: '(hidden)',
        fix: expect.stringMatching(/^correct it/) as string,
      },
    ]);
  });

  it('writes one line for each variable, and no secret', () => {
    const message = new ConfigError(
      problems({ SOMA_POSTGRES_URL: 'mysql://u:hush@h/d', SOMA_KAFKA_PASSWORD: 'hush' }),
    ).message;
    expect(message.split('\n')).toHaveLength(3);
    expect(message).toContain('SOMA_POSTGRES_URL: expected postgres://');
    expect(message).toContain('mysql://u:***@h/d');
    expect(message).not.toContain('hush');
  });

  it('asks whether a stray variable was meant, and only when one is missing', () => {
    const [problem] = problems({ SOMA_POSTGRES_ULR: 'x', SOMA_HTTP_PROT: '1' });
    expect(problem?.fix).toContain('SOMA_POSTGRES_ULR is set: did you mean SOMA_POSTGRES_URL?');
    expect(loadConfig(schema, { ...valid, SOMA_HTTP_PROT: '1' }).SOMA_HTTP_PORT).toBe(0);
  });
});

describe('X_FILE', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'soma-config-'));
    writeFileSync(join(folder, 'url'), 'postgres://u:from-file@h:1/d\n');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds the value of X', () => {
    const config = loadConfig(schema, { SOMA_POSTGRES_URL_FILE: join(folder, 'url') });
    expect(config.SOMA_POSTGRES_URL).toBe('postgres://u:from-file@h:1/d');
  });

  it('is not read for a variable that is itself a path', () => {
    expect(loadConfig(schema, { ...valid, SOMA_AUTH_TOKENS_FILE: '/none' }).SOMA_AUTH_TOKENS_FILE).toBe(
      '/none',
    );
  });

  it('must be readable, and reports with everything else', () => {
    const found = problems({ SOMA_POSTGRES_URL_FILE: join(folder, 'missing'), SOMA_HTTP_PORT: 'x' });
    expect(found.map(({ variable }) => variable)).toEqual(['SOMA_POSTGRES_URL_FILE', 'SOMA_HTTP_PORT']);
    expect(found[0]).toMatchObject({
      given: join(folder, 'missing'),
      fix: expect.stringContaining('ENOENT') as string,
    });
  });

  it('does not stand beside X', () => {
    const found = problems({ ...valid, SOMA_POSTGRES_URL_FILE: join(folder, 'url') });
    expect(found).toEqual([
      {
        variable: 'SOMA_POSTGRES_URL',
        expected: 'either SOMA_POSTGRES_URL or SOMA_POSTGRES_URL_FILE',
        given: 'both',
        fix: 'unset one of the two',
      },
    ]);
  });
});
