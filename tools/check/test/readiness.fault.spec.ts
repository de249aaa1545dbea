import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventProducer, EventSerde, SchemaRegistry } from '@soma/kafka';
import { createTestTopics, testConnection, type TestTopics } from '@soma/kafka/testing';
import {
  connectPlatform,
  type LaunchedProcess,
  launchProcess,
  type Platform,
  type ServerName,
} from '@soma/platform';
import { createTestDatabase, type TestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { httpJson, platform, type SpawnedService, spawnService, waitFor } from '@soma/testing';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const entries = {
  'notification-feed': 'apps/notification-feed/dist/main.js',
  'topic-provisioner': 'apps/topic-provisioner/dist/main.js',
  'squad-service': 'examples/squad-service/dist/main.js',
} as const;
type ServiceName = keyof typeof entries;

const kafkaNodes = ['kafka-1', 'kafka-2', 'kafka-3'] as const;
const squad = 'identity-settings';
const token = 'token-of-the-fault-spec';
/** Long enough for three nodes to elect their leaders on a busy machine. */
const recoveryMs = 120_000;

interface Report {
  readonly status: string;
  readonly dependencies: readonly {
    readonly name: string;
    readonly status: string;
    readonly error?: string;
  }[];
}

let servers: Platform;
let topics: TestTopics;
let database: TestDatabase;
let plans: TestDatabase;
let folder: string;
let producer: EventProducer;
let subscriber: LaunchedProcess;
let services: Record<ServiceName, SpawnedService>;
let version = 0;

const serviceNames = Object.keys(entries) as ServiceName[];

beforeAll(async () => {
  const { env, home, postgresUrl } = platform();
  const connected = await connectPlatform(home);
  if (!connected) throw new Error(`no platform of ours answers at ${home}: this spec stops servers`);
  servers = connected;
  const { kafka, registry } = testConnection(platform());
  topics = await createTestTopics({
    kafka,
    registry,
    topics: [
      'billing.events',
      'constitution.updated',
      'identity.audit',
      'infra.notifications',
      'policy.decisions',
      'settings.changed',
    ],
  });
  [database, plans] = [await createTestDatabase(postgresUrl), await createTestDatabase(postgresUrl)];
  folder = await mkdtemp(join(tmpdir(), 'soma-readiness-'));
  const tokensFile = join(folder, 'tokens.json');
  const sha256 = createHash('sha256').update(token).digest('hex');
  const tokens = [{ id: 'fault-spec', sha256, squads: ['*'], scopes: ['feed:read'] }];
  await writeFile(tokensFile, JSON.stringify({ tokens }), { mode: 0o600 });
  await writeFile(join(folder, 'token'), token, { mode: 0o600 });
  const serviceEnv = {
    ...env,
    SOMA_POSTGRES_URL: database.url,
    SOMA_TOPIC_PREFIX: topics.settings.topicPrefix,
    SOMA_AUTH_TOKENS_FILE: tokensFile,
    SOMA_SCHEMAS_DIR: join(root, 'schemas'),
  };
  const started = serviceNames.map(async (name) => [
    name,
    await spawnService(join(root, entries[name]), {
      ...serviceEnv,
      ...(name === 'topic-provisioner' && { SOMA_POSTGRES_URL: plans.url }),
    }),
  ]);
  services = Object.fromEntries(await Promise.all(started)) as Record<ServiceName, SpawnedService>;
  producer = new EventProducer(topics.settings, {
    service: 'settings-api',
    serde: new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix),
    logger: createLogger({ service: 'readiness-spec', level: 'silent' }),
  });
  subscriber = launchProcess(
    {
      command: process.execPath,
      args: [
        join(root, 'tools/soma/bin/soma.mjs'),
        ...['feed', 'tail', '--json', '--squad', squad, '--after', '0'],
        ...['--url', services['notification-feed'].url, '--token-file', join(folder, 'token')],
      ],
      cwd: root,
      deathSignal: 'KILL',
    },
    join(folder, 'feed.log'),
  );
  await Promise.all(serviceNames.map((name) => waitUntil(name, 'up')));
  await deliver();
}, 180_000);

afterAll(async () => {
  await subscriber?.stop(10_000);
  await Promise.all(Object.values(services ?? {}).map((service) => service.stop()));
  await producer?.close();
  await database?.drop();
  await plans?.drop();
  await topics?.drop();
  if (folder) await rm(folder, { recursive: true });
}, 120_000);

const readiness = async (name: ServiceName): Promise<Report & { http: number }> => {
  const { status, body } = await httpJson(`${services[name].url}/health/ready`);
  return { ...(body as Report), http: status };
};

const waitUntil = (name: ServiceName, status: Report['status']) =>
  waitFor(
    async () => {
      const report = await readiness(name);
      if (report.status !== status) throw new Error(JSON.stringify(report));
      return report;
    },
    { timeoutMs: recoveryMs, describe: `${name} to be ${status}` },
  );

/** Waits until a service names the dependency as down, with a reason; answers its whole report. */
const waitUntilNamed = (name: ServiceName, dependency: string) =>
  waitFor(
    async () => {
      const report = await readiness(name);
      const down = report.dependencies.some(
        (one) => one.name === dependency && one.status === 'down' && one.error,
      );
      if (!down) throw new Error(JSON.stringify(report));
      return report;
    },
    { timeoutMs: recoveryMs, describe: `${name} to name ${dependency}` },
  );

/** What the feed has of these events; the topic-provisioner tells it besides how this spec's topics have drifted. */
const received = (): { readonly kind: string; readonly title: string }[] => {
  const file = join(folder, 'feed.log');
  if (!existsSync(file)) return [];
  // The client's own word about a feed that is away is no JSON.
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'));
  return lines
    .map((line) => (JSON.parse(line) as { notification: { kind: string; title: string } }).notification)
    .filter(({ kind }) => kind === 'settings.changed');
};

const titleOf = (number: number): string => `Settings of fault-spec are now at version ${number}`;

const send = (): Promise<unknown> => {
  version += 1;
  const event = { tenant: 'fault-spec', version, hash: 'c41d', at: Date.UTC(2026, 5, 1) };
  return producer.send('settings.changed', event, { deadlineMs: recoveryMs });
};

/** The newest event has gone all the way: Kafka → Avro → Postgres → SSE, and to the other squad's service. */
const arrived = async (): Promise<void> => {
  const title = titleOf(version);
  const options = { timeoutMs: recoveryMs, describe: title };
  await waitFor(() => received().some((one) => one.title === title), options);
  await waitFor(() => services['squad-service'].logs().includes(`"version":${version},`), options);
};

const deliver = async (): Promise<void> => {
  await send();
  await arrived();
};

/** Runs `meanwhile` with the servers stopped, and starts them again, whatever comes of it. */
const without = async (names: readonly ServerName[], meanwhile: () => Promise<void>): Promise<void> => {
  try {
    for (const name of names) await servers.stop(name);
    await meanwhile();
  } finally {
    await Promise.all(names.map((name) => servers.start(name)));
  }
};

const allRecover = async (): Promise<void> => {
  await Promise.all(serviceNames.map((name) => waitUntil(name, 'up')));
  await deliver();
};

it('survives one Kafka node, and names kafka when all three are stopped', async () => {
  await without(kafkaNodes.slice(0, 1), async () => {
    await deliver();
    await Promise.all(serviceNames.map((name) => waitUntil(name, 'up')));
  });
  await without(kafkaNodes, async () => {
    for (const report of await Promise.all(serviceNames.map((name) => waitUntilNamed(name, 'kafka')))) {
      expect(report).toMatchObject({ status: 'down', http: 503 });
    }
    const { dependencies } = await readiness('notification-feed');
    const up = dependencies.filter(({ status }) => status === 'up').map(({ name }) => name);
    expect(up).toEqual(expect.arrayContaining(['postgres', 'redis', 'registry']));
  });
  await allRecover();
}, 600_000);

it('names the registry, and events whose schemas are known go on', async () => {
  await without(['registry'], async () => {
    for (const report of await Promise.all(serviceNames.map((name) => waitUntilNamed(name, 'registry')))) {
      expect(report).toMatchObject({ status: 'down', http: 503 });
      const down = report.dependencies.filter(({ status }) => status === 'down').map(({ name }) => name);
      expect(down).toEqual(['registry']);
    }
    await deliver();
  });
  await allRecover();
}, 600_000);

it('names postgres, and what happened without it is in the feed afterwards', async () => {
  await without(['postgres'], async () => {
    for (const name of ['notification-feed', 'topic-provisioner'] as const) {
      expect(await waitUntilNamed(name, 'postgres')).toMatchObject({ status: 'down', http: 503 });
    }
    await send();
    const missed = version;
    await waitFor(() => services['squad-service'].logs().includes(`"version":${missed},`), {
      timeoutMs: recoveryMs,
    });
  });
  await arrived();
  await allRecover();
}, 600_000);

it('is degraded without redis, and every event still arrives', async () => {
  await without(['redis'], async () => {
    expect(await waitUntilNamed('notification-feed', 'redis')).toMatchObject({
      status: 'degraded',
      http: 200,
    });
    for (const name of ['topic-provisioner', 'squad-service'] as const) await waitUntil(name, 'up');
    await deliver();
  });
  await allRecover();
}, 600_000);

it('has lost and doubled nothing, restarted nothing, and left no rejection unhandled', async () => {
  expect(received().map(({ title }) => title)).toEqual(
    Array.from({ length: version }, (_, index) => titleOf(index + 1)),
  );
  for (const name of serviceNames) {
    const service = services[name];
    expect(service.logs()).not.toMatch(
      /"level":"fatal"|nobody (handled|caught)|Unhandled|uncaught|MaxListeners/,
    );
    expect(service.logs().match(/"msg":"listening"/g)).toHaveLength(1);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  }
}, 120_000);
