import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoPlatform, platform } from './platform.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soma-platform-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const writeState = (): void => {
  mkdirSync(join(folder, '.soma', 'principals'), { recursive: true });
  writeFileSync(
    join(folder, '.soma', 'platform.env'),
    'SOMA_REDIS_URL=redis://file\nSOMA_KAFKA_BROKERS=a:1,b:2\n',
  );
  writeFileSync(join(folder, '.soma', 'principals', 'feed.env'), 'SOMA_REDIS_URL=redis://feed\n');
};

describe('platform', () => {
  it('says what to do if there is none', () => {
    expect(() => platform({}, folder)).toThrow(
      'no platform: run `npx soma up` (or `npm test`, which starts one)',
    );
    expect(() => platform({}, folder)).toThrow(NoPlatform);
  });

  it('reads .soma/platform.env of a folder above', () => {
    writeState();
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    const found = platform({}, below);
    expect(found.redisUrl).toBe('redis://file');
    expect(found.kafka).toEqual({
      brokers: ['a:1', 'b:2'],
      username: undefined,
      password: undefined,
      tls: false,
    });
    expect(found.home).toBe(join(folder, '.soma'));
    expect(found.principal('feed')).toEqual({ SOMA_REDIS_URL: 'redis://feed' });
  });

  it('prefers the environment, and reads secrets from files', () => {
    writeState();
    writeFileSync(join(folder, 'pw'), 'hush\n');
    const env = {
      SOMA_REDIS_URL: 'redis://env',
      SOMA_KAFKA_PASSWORD_FILE: join(folder, 'pw'),
      SOMA_HOME: join(folder, '.soma'),
    };
    const found = platform(env, tmpdir());
    expect(found.redisUrl).toBe('redis://env');
    expect(found.kafka.password).toBe('hush');
  });

  it('names the one setting that is missing', () => {
    expect(() => platform({ SOMA_REDIS_URL: 'redis://env' }, folder).postgresUrl).toThrow(
      'SOMA_POSTGRES_URL is not set',
    );
  });
});
