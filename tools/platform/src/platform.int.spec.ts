import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as kafkaOperations from '../test/kafka-operations.mjs';
import {
  connectPlatform,
  down,
  logs,
  parseEnv,
  platformPaths,
  readPlatformEnv,
  readState,
  reset,
  serverNames,
  startPlatform,
  status,
  up,
  type KafkaConnection,
  type Platform,
  type Progress,
} from './index.js';
import { acceptsConnections, defaultPorts } from './ports.js';
import { isAlive } from './process/identity.js';
import { readOwner } from './process/owner.js';
import { psql } from './servers/psql.js';
import { redisCli } from './servers/redis-cli.js';
import { poll, until } from './wait.js';

const slow = 120_000;

const home = mkdtempSync(join(tmpdir(), 'soma-platform-'));
const paths = platformPaths(home);
const file = (path: string): string => fileURLToPath(new URL(`../test/${path}`, import.meta.url));
// Servers of the environment this test runs in are not its business.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SOMA_') || name === 'SOMA_CACHE'),
);

const bringUp = (onProgress: (progress: Progress) => void = () => undefined): Promise<Platform> =>
  up({
    home,
    env,
    onProgress,
    supervisor: [process.execPath, '--import', file('source-hooks.mjs'), file('supervisor.mjs')],
  });

const admin = (): Record<string, string> => readPlatformEnv(home);
const kafkaOf = (vars: Record<string, string>): KafkaConnection => ({
  brokers: vars['SOMA_KAFKA_BROKERS']?.split(',') ?? [],
  username: vars['SOMA_KAFKA_USERNAME'] ?? '',
  password: vars['SOMA_KAFKA_PASSWORD'] ?? '',
  tls: false,
});
const sql = (vars: Record<string, string>, text: string): Promise<string> =>
  psql('psql', vars['SOMA_POSTGRES_URL'] ?? '', text);
const redis = (vars: Record<string, string>, ...commands: string[]): Promise<string[]> =>
  redisCli('redis-cli', vars['SOMA_REDIS_URL'] ?? '', commands);
const principal = (name: string): Record<string, string> =>
  parseEnv(readFileSync(join(paths.principals, `${name}.env`), 'utf8'));

const topics = async (connection: KafkaConnection): Promise<string[]> => {
  const client = kafkaOperations.client(connection).admin();
  await client.connect();
  try {
    return await client.listTopics();
  } finally {
    await client.disconnect();
  }
};

const createTopic = async (connection: KafkaConnection, topic: string): Promise<void> => {
  const client = kafkaOperations.client(connection).admin();
  await client.connect();
  try {
    await client.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor: 3 }],
      waitForLeaders: false,
    });
  } finally {
    await client.disconnect();
  }
};

/** Hundred messages that all three brokers have acknowledged. */
const produce = async (connection: KafkaConnection, topic: string): Promise<void> => {
  const producer = kafkaOperations.client(connection).producer({ retry: { retries: 10 } });
  await producer.connect();
  await producer.send({
    topic,
    acks: -1,
    messages: Array.from({ length: 100 }, (_, i) => ({ value: `${i}` })),
  });
  await producer.disconnect();
};

/** How many messages a topic has. Brokers that were killed choose its leader anew, and say so for a moment. */
const count = async (connection: KafkaConnection, topic: string): Promise<number | undefined> => {
  const client = kafkaOperations.client(connection).admin({ retry: { retries: 10 } });
  await client.connect();
  try {
    return await poll(
      () =>
        client.fetchTopicOffsets(topic).then(
          (offsets) => offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0),
          (error: unknown) => {
            if ((error as { type?: string }).type === 'LEADER_NOT_AVAILABLE') return undefined;
            throw error;
          },
        ),
      30_000,
    );
  } finally {
    await client.disconnect();
  }
};

const passwords = (): string[] => {
  const {
    principals,
    version: _,
    ...own
  } = JSON.parse(readFileSync(paths.secrets, 'utf8')) as Record<string, string> & {
    principals: Record<string, Record<string, string>>;
  };
  return [...Object.values(own), ...Object.values(principals).flatMap((of) => Object.values(of))];
};

const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });

const recordedProcesses = (): { pid: number; identity: string }[] =>
  Object.values(readState(home)?.processes ?? {});
const ports = (): number[] =>
  Object.values(readState(home)?.ports ?? {}).flatMap((listeners) => Object.values(listeners));
const listening = async (): Promise<number[]> => {
  const open = await Promise.all(
    ports().map(async (port) => ((await acceptsConnections(port)) ? [port] : [])),
  );
  return open.flat();
};

/** Nothing of this platform runs or listens; asked until it is so, for ten seconds at most. */
const nothingLeft = (processes: { pid: number; identity: string }[]): Promise<boolean> =>
  until(async () => !processes.some(isAlive) && (await listening()).length === 0, 10_000);

let occupant: Server;
let platform: Platform;
const seen = new Set<string>();

beforeAll(async () => {
  occupant = createServer().listen(defaultPorts().redis['resp'], '127.0.0.1');
  // If something else has that port already, it is taken all the same.
  await once(occupant, 'listening').catch(() => undefined);
  const watch = setInterval(() => commandLines().forEach((line) => seen.add(line)), 40);
  platform = await bringUp();
  await platform.ensurePrincipals([{ name: 'feed', postgres: true, redis: true }, { name: 'settings-api' }]);
  clearInterval(watch);
}, 600_000);

afterAll(async () => {
  occupant.close();
  await reset(home).catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
}, 60_000);

describe('a platform that is up', () => {
  it(
    'has every server healthy, on free ports',
    async () => {
      const servers = await platform.status();
      expect(servers.map(({ name }) => name).sort()).toEqual([...serverNames].sort());
      expect(servers.filter(({ state, healthy }) => state !== 'running' || !healthy)).toEqual([]);
      expect(
        servers.every(
          ({ pid, rssBytes, uptimeMs }) => (pid ?? 0) > 1 && (rssBytes ?? 0) > 1e6 && (uptimeMs ?? 0) > 0,
        ),
      ).toBe(true);
      expect(readState(home)?.ports.redis['resp']).not.toBe(defaultPorts().redis['resp']);
    },
    slow,
  );

  it(
    'knows three brokers, and lets nobody in without the right password',
    async () => {
      const connection = kafkaOf(admin());
      expect(await kafkaOperations.describe(connection)).toEqual({ brokers: 3 });
      await expect(kafkaOperations.describe({ brokers: connection.brokers, tls: false })).rejects.toThrow();
      await expect(kafkaOperations.describe({ ...connection, password: 'wrong' })).rejects.toThrow(
        /authentication/i,
      );
      await expect(
        redisCli('redis-cli', admin()['SOMA_REDIS_URL']?.replace(/\/\/.*@/, '//') ?? '', ['PING']),
      ).rejects.toThrow('NOAUTH');
      await expect(
        psql('psql', admin()['SOMA_POSTGRES_URL']?.replace(/:[^:@]+@/, ':wrong@') ?? '', 'SELECT 1;'),
      ).rejects.toThrow('password authentication failed');
    },
    slow,
  );

  it(
    'demands compatible schemas and keeps them in Postgres',
    async () => {
      const config = await fetch(`${admin()['SOMA_REGISTRY_URL']}/config`);
      expect(await config.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
      expect(
        Number(
          await sql(
            { SOMA_POSTGRES_URL: admin()['SOMA_POSTGRES_URL']?.replace(/\/postgres$/, '/registry') ?? '' },
            "SELECT count(*) FROM pg_tables WHERE tablename = 'artifacts';",
          ),
        ),
      ).toBe(1);
    },
    slow,
  );

  it(
    'shows no password in any argument list, from its first moment on, nor in a log',
    () => {
      for (const started of [
        'kafka.tools.StorageTool',
        'kafka.Kafka',
        'initdb',
        'apicurio',
        'redis-server',
        'prometheus',
      ]) {
        expect([...seen].some((line) => line.includes(started))).toBe(true);
      }
      const secrets = passwords();
      expect(secrets.length).toBeGreaterThanOrEqual(10);
      const shown = [...seen, ...commandLines()].filter((line) =>
        secrets.some((secret) => line.includes(secret)),
      );
      expect(shown).toEqual([]);
      const logged = readdirSync(paths.logs).filter((name) =>
        secrets.some((secret) => readFileSync(join(paths.logs, name), 'utf8').includes(secret)),
      );
      expect(logged).toEqual([]);
    },
    slow,
  );

  it(
    'keeps its secrets to this user',
    () => {
      const secret = [
        paths.secrets,
        paths.env,
        paths.controlSocket,
        join(paths.principals, 'feed.env'),
        join(paths.run, 'kafka-1/server.properties'),
        join(paths.data, 'redis'),
        join(paths.data, 'kafka-1'),
      ];
      expect(secret.filter((path) => statSync(path).mode & 0o077)).toEqual([]);
    },
    slow,
  );

  it(
    'gives a principal its own database, keys and login, and nothing more',
    async () => {
      const feed = principal('feed');
      expect(
        await sql(feed, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (42); SELECT current_user;'),
      ).toBe('feed');
      await expect(
        sql(
          { SOMA_POSTGRES_URL: feed['SOMA_POSTGRES_URL']?.replace(/\/feed$/, '/registry') ?? '' },
          'SELECT 1;',
        ),
      ).rejects.toThrow('permission denied');
      expect(await redis(feed, 'SET feed:kept yes')).toEqual(['OK']);
      await expect(redis(feed, 'SET other:key no')).rejects.toThrow('NOPERM');
      await expect(redis(feed, 'FLUSHALL')).rejects.toThrow('NOPERM');

      await createTopic(kafkaOf(admin()), 'kept');
      await produce(kafkaOf(admin()), 'kept');
      expect(await count(kafkaOf(admin()), 'kept')).toBe(100);
      for (const name of ['feed', 'settings-api']) {
        expect(await topics(kafkaOf(principal(name)))).toEqual([]);
        await expect(createTopic(kafkaOf(principal(name)), `of-${name}`)).rejects.toMatchObject({
          errors: [{ type: 'TOPIC_AUTHORIZATION_FAILED' }],
        });
      }
      expect(principal('settings-api')).not.toHaveProperty('SOMA_POSTGRES_URL');
    },
    slow,
  );

  it(
    'refuses wrong principals and unknown servers with one clear message',
    async () => {
      await expect(platform.ensurePrincipals([{ name: 'Bad Name' }, { name: 'admin' }])).rejects.toThrow(
        /"Bad Name" must be[^]*"admin" is reserved/,
      );
      await expect(platform.kill('zookeeper' as 'redis')).rejects.toThrow('There are: kafka-1, kafka-2');
    },
    slow,
  );

  it(
    'loses a broker to SIGKILL and gets it back through the control socket',
    async () => {
      const connection = kafkaOf(admin());
      const survivor = { ...connection, brokers: connection.brokers.slice(0, 1) };
      await platform.kill('kafka-2');
      expect((await platform.status()).find(({ name }) => name === 'kafka-2')).toMatchObject({
        state: 'exited',
        exit: 'SIGKILL',
        healthy: false,
      });
      expect(
        await until(
          async () => (await kafkaOperations.describe(survivor).catch(() => ({ brokers: 0 }))).brokers === 2,
          15_000,
        ),
      ).toBe(true);
      await platform.start('kafka-2');
      expect(await kafkaOperations.describe(kafkaOf(admin()))).toEqual({ brokers: 3 });
    },
    slow,
  );

  it(
    'tells a paused server from a healthy one',
    async () => {
      await platform.pause('redis');
      expect((await platform.status()).find(({ name }) => name === 'redis')).toMatchObject({
        state: 'paused',
        healthy: false,
      });
      await platform.continue('redis');
      expect((await platform.status()).find(({ name }) => name === 'redis')).toMatchObject({
        state: 'running',
        healthy: true,
      });
    },
    slow,
  );

  it(
    'starts only what does not run when asked to come up again',
    async () => {
      await platform.stop('redis');
      const before = (await platform.status()).filter(({ name }) => name !== 'redis').map(({ pid }) => pid);
      const steps: Progress[] = [];
      await bringUp((progress) => steps.push(progress));
      expect(steps.filter(({ state }) => state === 'done').map(({ step }) => step)).toEqual(['redis']);
      expect((await platform.status()).filter(({ name }) => name !== 'redis').map(({ pid }) => pid)).toEqual(
        before,
      );
    },
    slow,
  );

  it(
    'serves as the external servers of another platform beside it, in this very process',
    async () => {
      const other = mkdtempSync(join(tmpdir(), 'soma-beside-'));
      const steps: Progress[] = [];
      const beside = await startPlatform({
        home: other,
        env: { ...env, ...admin() },
        kafka: kafkaOperations,
        onProgress: (progress) => steps.push(progress),
      });
      try {
        const servers = await beside.status();
        expect(servers.filter(({ state }) => state === 'external').map(({ name }) => name)).toEqual([
          'kafka',
          'registry',
          'postgres',
          'redis',
        ]);
        expect(servers.filter(({ state }) => state === 'running').map(({ name }) => name)).toEqual([
          'prometheus',
          'alertmanager',
        ]);
        expect(servers.every(({ healthy }) => healthy)).toBe(true);
        expect(beside.env['SOMA_KAFKA_PASSWORD']).toBe(admin()['SOMA_KAFKA_PASSWORD']);
        expect(beside.env['SOMA_PROMETHEUS_URL']).not.toBe(admin()['SOMA_PROMETHEUS_URL']);
        await expect(startPlatform({ home: other, env, kafka: kafkaOperations })).rejects.toThrow(
          `owned by process ${process.pid}`,
        );
      } finally {
        await beside.down();
      }
      await beside.closed;
      expect((await status(other)).filter(({ state }) => state !== 'stopped')).toEqual([]);
      await reset(other);
      expect(existsSync(other)).toBe(false);
    },
    slow,
  );
});

describe('a platform whose owner is killed', () => {
  it(
    'leaves no process and no listening port; the next start heals, with all data and passwords',
    async () => {
      const owner = readOwner(paths.owner);
      const processes = recordedProcesses();
      const secretsBefore = readFileSync(paths.secrets, 'utf8');
      const portsBefore = ports();
      expect(owner?.kind).toBe('supervisor');
      expect(processes).toHaveLength(serverNames.length);
      process.kill(owner?.pid ?? 0, 'SIGKILL');
      expect(await nothingLeft(processes)).toBe(true);
      expect(await connectPlatform(home)).toBeUndefined();
      expect((await status(home)).every(({ state }) => state === 'stopped')).toBe(true);

      const steps: Progress[] = [];
      platform = await bringUp((progress) => steps.push(progress));
      expect(steps.find(({ step, state }) => step === 'leftovers' && state === 'done')?.detail).toContain(
        'the last owner died',
      );
      expect(ports()).toEqual(portsBefore);
      expect(readFileSync(paths.secrets, 'utf8')).toBe(secretsBefore);
      expect(await count(kafkaOf(admin()), 'kept')).toBe(100);
      expect(await topics(kafkaOf(principal('feed')))).toEqual([]);
      expect(await sql(principal('feed'), 'SELECT id FROM kept;')).toBe('42');
      expect(await redis(principal('feed'), 'GET feed:kept')).toEqual(['yes']);
    },
    slow,
  );
});

describe('a platform that is taken down', () => {
  it(
    'leaves no process, no listening port, no socket',
    async () => {
      const processes = recordedProcesses();
      expect(await down(home)).toBe(true);
      expect(processes.some(isAlive)).toBe(false);
      expect(await listening()).toEqual([]);
      expect([paths.controlSocket, paths.owner].filter((path) => existsSync(path))).toEqual([]);
      expect(recordedProcesses()).toEqual([]);
      expect(await down(home)).toBe(false);
    },
    slow,
  );

  it(
    'keeps its logs',
    async () => {
      const lines: string[] = [];
      for await (const line of logs(home, 'postgres', { lines: 5 })) lines.push(line);
      expect(lines.join('\n')).toContain('database system is shut down');
      expect(() => logs(home, 'zookeeper')).toThrow('There are: kafka-1');
    },
    slow,
  );

  it(
    'says what is wrong when a server cannot start, and leaves nothing running then',
    async () => {
      writeFileSync(join(paths.data, 'redis/users.acl'), 'nonsense\n');
      const processes: { pid: number; identity: string }[] = [];
      const failed = bringUp(() => processes.push(...recordedProcesses()));
      await expect(failed).rejects.toThrow(
        /redis ended while it started \(code 1\)\. The end of .*redis\.log:\n[^]*users\.acl/,
      );
      expect(processes.length).toBeGreaterThan(0);
      expect(await nothingLeft(processes)).toBe(true);
      expect(await until(() => readOwner(paths.owner) === undefined, 10_000)).toBe(true);
    },
    slow,
  );

  it(
    'is gone after a reset',
    async () => {
      await reset(home);
      expect(existsSync(home)).toBe(false);
    },
    slow,
  );
});
