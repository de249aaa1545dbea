import { createLogger } from '@soma/telemetry';
import { platform, type Relay, startRelay, uniqueName, waitFor } from '@soma/testing';
import { Redis as Client } from 'ioredis';
import { RedisUnavailable } from './errors.js';
import { createRedis, type Redis } from './redis.js';

const lines: string[] = [];
const logger = createLogger({ service: 'spec', level: 'info' }, { write: (line) => void lines.push(line) });
const opened: Redis[] = [];
const relays: Relay[] = [];

const open = (name = uniqueName('spec'), url = platform().redisUrl): Redis => {
  const redis = createRedis({ SOMA_REDIS_URL: url }, { logger, name });
  opened.push(redis);
  return redis;
};

const relay = async (): Promise<Relay> => {
  const started = await startRelay(platform().redisUrl);
  relays.push(started);
  return started;
};

const collect = async (redis: Redis, channel: string): Promise<string[]> => {
  const messages: string[] = [];
  await redis.subscribe(channel, (message) => void messages.push(message));
  return messages;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((redis) => redis.quit()));
  await Promise.all(relays.splice(0).map((each) => each.close()));
});

describe('keys', () => {
  it('stores, reads and deletes under the prefix of the service', async () => {
    const name = uniqueName('spec');
    const redis = open(name);
    await redis.set('k', 'v');
    expect(await redis.get('k')).toBe('v');
    expect(await open().get('k')).toBeUndefined();
    const admin = new Client(platform().redisUrl);
    expect(await admin.get(`${name}:k`)).toBe('v');
    await admin.quit();
    await redis.delete('k');
    expect(await redis.get('k')).toBeUndefined();
  });

  it('forgets a value after its time', async () => {
    const redis = open();
    await redis.set('short', 'v', { ttlMs: 50 });
    await waitFor(async () => (await redis.get('short')) === undefined, { describe: 'the value to expire' });
  });
});

describe('channels', () => {
  it('tells every listener of a channel, and nobody of another service', async () => {
    const name = uniqueName('spec');
    const [one, two, other] = [open(name), open(name), open()];
    const heard = await Promise.all([
      collect(one, 'c'),
      collect(one, 'c'),
      collect(two, 'c'),
      collect(other, 'c'),
    ]);
    await two.publish('c', 'hello');
    await waitFor(() => heard.slice(0, 3).every((messages) => messages.length === 1));
    expect(heard).toEqual([['hello'], ['hello'], ['hello'], []]);
  });

  it('stops telling a listener that has left, and goes on when another one throws', async () => {
    const redis = open();
    const left: string[] = [];
    const leave = await redis.subscribe('c', (message) => void left.push(message));
    await redis.subscribe('c', () => {
      throw new Error('bad listener');
    });
    const stayed = await collect(redis, 'c');
    await leave();
    await redis.publish('c', 'x');
    await waitFor(() => stayed.length === 1);
    expect(left).toEqual([]);
    expect(lines.join()).toContain('a redis listener failed');
  });

  it('hears again after the connection was lost', async () => {
    const name = uniqueName('spec');
    const wire = await relay();
    const far = open(name, wire.url);
    const heard = await collect(far, 'c');
    await wire.cut();
    await waitFor(() =>
      far.health().then(
        () => false,
        () => true,
      ),
    );
    await wire.restore();
    const near = open(name);
    await waitFor(async () => {
      await near.publish('c', 'again');
      return heard.length > 0;
    });
  });

  it('subscribes once the server is there, if it was away at first', async () => {
    const name = uniqueName('spec');
    const wire = await relay();
    await wire.cut();
    const heard = await collect(open(name, wire.url), 'c');
    await wire.restore();
    const near = open(name);
    await waitFor(async () => {
      await near.publish('c', 'at last');
      return heard.length > 0;
    });
  });
});

describe('a server that goes away', () => {
  it('fails at once while it is away, and works again when it is back, without a word of its own', async () => {
    const wire = await relay();
    const redis = open(undefined, wire.url);
    await redis.health();
    await wire.cut();
    await waitFor(() =>
      redis.health().then(
        () => false,
        (error: unknown) => error instanceof RedisUnavailable,
      ),
    );
    const start = performance.now();
    await expect(redis.health()).rejects.toBeInstanceOf(RedisUnavailable);
    await expect(redis.publish('c', 'x')).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE', status: 503 });
    expect(performance.now() - start).toBeLessThan(100);
    await wire.restore();
    await waitFor(() => redis.health().then(() => true), { describe: 'redis to be back' });
  });

  it('finds out within a second that it hangs', async () => {
    const wire = await relay();
    const redis = open(undefined, wire.url);
    await redis.health();
    wire.freeze();
    const start = performance.now();
    await expect(redis.health()).rejects.toBeInstanceOf(RedisUnavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
    await wire.restore();
    await waitFor(() => redis.health().then(() => true));
  });

  it('keeps trying with a password that is wrong, and logs no password', async () => {
    const url = new URL(platform().redisUrl);
    url.password = 'wrong-one';
    const redis = open(undefined, url.href);
    await expect(redis.health()).rejects.toBeInstanceOf(RedisUnavailable);
    await expect(redis.health()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('WRONGPASS') as string },
    });
    expect(lines.join()).not.toContain('wrong-one');
  });
});

describe('a user with the least rights', () => {
  it('needs no more than its own keys and channels and six commands', async () => {
    const name = uniqueName('spec');
    const admin = new Client(platform().redisUrl);
    const rights = [
      '~' + name + ':*',
      '&' + name + ':*',
      '+get',
      '+set',
      '+del',
      '+publish',
      '+subscribe',
      '+unsubscribe',
      '+ping',
    ];
    await admin.acl('SETUSER', name, 'on', '>hush', ...rights);
    try {
      const url = new URL(platform().redisUrl);
      [url.username, url.password] = [name, 'hush'];
      const redis = open(name, url.href);
      await redis.health();
      await redis.set('k', 'v');
      const heard = await collect(redis, 'c');
      await redis.publish('c', 'm');
      await waitFor(() => heard.length === 1);
      await redis.delete('k');
      const stranger = open(uniqueName('stranger'), url.href);
      await expect(stranger.get('k')).rejects.toThrow('NOPERM');
      await redis.quit();
    } finally {
      await admin.acl('DELUSER', name);
      await admin.quit();
    }
  });
});
