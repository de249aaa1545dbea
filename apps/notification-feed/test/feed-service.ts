import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventProducer, EventSerde, type KafkaSettings, SchemaRegistry } from '@soma/kafka';
import { createTestTopics, testConnection } from '@soma/kafka/testing';
import { httpJson, platform, type SpawnedService, spawnService, waitFor } from '@soma/testing';
import { feedTopics } from '../src/core/rules/feed-topics.js';
import { createTestStore, logger, type TestStore } from './test-store.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const callers = [
  {
    id: 'operator',
    squads: ['*'],
    scopes: ['feed:read', 'feed:write', 'feed:admin', 'feed:webhooks', 'feed:ack'],
  },
  {
    id: 'billing',
    squads: ['identity-settings'],
    scopes: ['feed:read', 'feed:write', 'feed:webhooks', 'feed:ack'],
  },
  { id: 'billing-admin', squads: ['identity-settings'], scopes: ['feed:read', 'feed:admin'] },
  { id: 'other', squads: ['*'], scopes: ['topics:read'] },
] as const;

type CallerId = (typeof callers)[number]['id'];

/** Everything around a notification-feed under test: topics, database and tokens that nobody else has. */
export interface FeedSite {
  readonly database: TestStore;
  readonly settings: KafkaSettings;
  readonly serde: EventSerde;
  readonly producer: EventProducer;
  /** Directory with the rules of the service, empty at first. */
  readonly rules: string;
  /** Starts the built service, with these variables besides, and waits until it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<SpawnedService>;
  token(id: CallerId): string;
  /** Stops what still runs and removes everything. */
  drop(): Promise<void>;
}

export const createFeedSite = async (): Promise<FeedSite> => {
  const { env } = platform();
  const { kafka, registry } = testConnection(platform());
  const topics = await createTestTopics({
    kafka,
    registry,
    topics: [...feedTopics],
  });
  const { settings } = topics;
  const database = await createTestStore();
  const folder = await mkdtemp(join(tmpdir(), 'soma-feed-'));
  const rules = join(folder, 'rules');
  await mkdir(rules);
  const tokens = callers.map((caller) => ({
    ...caller,
    sha256: createHash('sha256').update(`token-of-${caller.id}`).digest('hex'),
  }));
  await writeFile(join(folder, 'tokens.json'), JSON.stringify({ tokens }), { mode: 0o600 });
  const serde = new EventSerde(new SchemaRegistry(registry), settings.topicPrefix);
  const producer = new EventProducer(settings, { service: 'settings-api', serde, logger });
  const running: SpawnedService[] = [];
  return {
    database,
    rules,
    settings,
    serde,
    producer,
    start: async (more = {}) => {
      const service = await spawnService(main, {
        ...env,
        SOMA_POSTGRES_URL: database.url,
        SOMA_TOPIC_PREFIX: settings.topicPrefix,
        SOMA_AUTH_TOKENS_FILE: join(folder, 'tokens.json'),
        FEED_RULES_DIR: rules,
        FEED_RULES_POLL_MS: '200',
        ...more,
      });
      running.push(service);
      const ready = async (): Promise<boolean> =>
        (await httpJson(`${service.url}/health/ready`)).status === 200;
      await waitFor(ready, { timeoutMs: 60_000, describe: 'the service to be ready' });
      return service;
    },
    token: (id) => `token-of-${id}`,
    drop: async () => {
      await Promise.all(running.map((service) => service.stop()));
      await producer.close();
      await rm(folder, { recursive: true });
      await database.drop();
      await topics.drop();
    },
  };
};
