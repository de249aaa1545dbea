import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { squads } from '@soma/contracts';
import { EventProducer, EventSerde, SchemaRegistry } from '@soma/kafka';
import { createTestTopics, testConnection } from '@soma/kafka/testing';
import { feedTopics } from '@soma/notification-feed';
import { createPostgres, type Postgres } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { httpJson, platform, type SpawnedService, spawnService, waitFor } from '@soma/testing';

const entry = fileURLToPath(new URL('../../../../apps/notification-feed/dist/main.js', import.meta.url));
const logger = createLogger({ service: 'campaign', level: 'silent' });
/** More often than a deployment: a heartbeat tells readers that they have seen everything. */
const heartbeatMs = 5_000;
const recoveryMs = 90_000;

/** The feed under test: two replicas on topics and a database that nobody else has. */
export interface Site {
  readonly producer: EventProducer;
  readonly postgres: Postgres;
  /** Those that read, by squad. */
  readonly tokens: Readonly<Record<string, string>>;
  /** That of one who posts to all squads. */
  readonly writer: string;
  readonly replicas: readonly SpawnedService[];
  /** Every process that was ever a replica. */
  readonly processes: readonly SpawnedService[];
  urls(): string[];
  /** Starts another process in the place of a replica; its URL is another one. */
  restart(index: number): Promise<void>;
  /** Waits until both replicas report a status, and name the dependency as down if one is given. */
  untilReady(status: 'up' | 'degraded' | 'down', dependency?: string): Promise<void>;
  drop(): Promise<void>;
}

interface Readiness {
  readonly status: string;
  readonly dependencies: readonly { readonly name: string; readonly status: string }[];
}

export const createSite = async (): Promise<Site> => {
  const { env, postgresUrl } = platform();
  const { kafka, registry } = testConnection(platform());
  const topics = await createTestTopics({ kafka, registry, topics: [...feedTopics] });
  const database = await createTestDatabase(postgresUrl);
  const folder = await mkdtemp(join(tmpdir(), 'soma-campaign-'));
  await mkdir(join(folder, 'rules'));
  const [tokens, writer] = [Object.fromEntries(squads.map((squad) => [squad, randomUUID()])), randomUUID()];
  const known = [
    ...squads.map((squad) => ({ id: squad, token: tokens[squad], squads: [squad], scopes: ['feed:read'] })),
    { id: 'writer', token: writer, squads: ['*'], scopes: ['feed:write'] },
  ].map(({ token = '', ...rest }) => ({ ...rest, sha256: createHash('sha256').update(token).digest('hex') }));
  await writeFile(join(folder, 'tokens.json'), JSON.stringify({ tokens: known }), { mode: 0o600 });
  const start = (): Promise<SpawnedService> =>
    spawnService(entry, {
      ...env,
      SOMA_POSTGRES_URL: database.url,
      SOMA_TOPIC_PREFIX: topics.settings.topicPrefix,
      SOMA_AUTH_TOKENS_FILE: join(folder, 'tokens.json'),
      FEED_RULES_DIR: join(folder, 'rules'),
      FEED_HEARTBEAT_MS: String(heartbeatMs),
    });
  // One after the other: the first applies the migrations.
  const replicas = [await start(), await start()];
  const processes = [...replicas];
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  const serde = new EventSerde(new SchemaRegistry(registry), topics.settings.topicPrefix);
  const producer = new EventProducer(topics.settings, { service: 'campaign', serde, logger });
  const readiness = async ({ url }: SpawnedService): Promise<Readiness> =>
    (await httpJson(`${url}/health/ready`)).body as Readiness;
  return {
    producer,
    postgres,
    tokens,
    writer,
    replicas,
    processes,
    urls: () => replicas.map(({ url }) => url),
    restart: async (index) => {
      const started = await start();
      replicas[index] = started;
      processes.push(started);
    },
    untilReady: async (status, dependency) => {
      const fits = ({ status: seen, dependencies }: Readiness): boolean =>
        seen === status &&
        (dependency === undefined ||
          dependencies.some((one) => one.name === dependency && one.status === 'down'));
      await waitFor(
        async () => {
          const all = await Promise.all(replicas.map(readiness));
          if (!all.every(fits)) throw new Error(JSON.stringify(all));
          return true;
        },
        { timeoutMs: recoveryMs, describe: `both replicas to be ${status} ${dependency ?? ''}`.trimEnd() },
      );
    },
    drop: async () => {
      await Promise.all(processes.map((one) => one.stop()));
      await producer.close();
      await postgres.end();
      await database.drop();
      await topics.drop();
      await rm(folder, { recursive: true });
    },
  };
};
