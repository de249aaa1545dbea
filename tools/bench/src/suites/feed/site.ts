import { fileURLToPath } from 'node:url';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaSettings } from '@soma/kafka';
import { createTestTopics } from '@soma/kafka/testing';
import { feedTopics } from '@soma/notification-feed';
import { createPostgres, type Postgres } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import { httpJson, type SpawnedService, spawnService, waitFor } from '@soma/testing';
import type { Connection } from '../../connection.js';

const main = fileURLToPath(import.meta.resolve('@soma/notification-feed/main'));

/** A notification-feed that is measured: topics, database and token that nobody else has. */
export interface FeedSite {
  readonly kafka: KafkaSettings;
  readonly postgres: Postgres;
  readonly databaseUrl: string;
  readonly token: string;
  /** Starts the built service as a process and waits until it is ready. */
  start(): Promise<SpawnedService>;
}

/** Runs work on a site of its own, and removes it. */
export const onFeedSite = async <T>(
  connection: Connection,
  work: (site: FeedSite) => Promise<T>,
): Promise<T> => {
  const { env } = connection;
  const topics = await createTestTopics({ ...connection, topics: [...feedTopics], partitions: 6 });
  const database = await createTestDatabase(env['SOMA_POSTGRES_URL'] ?? '');
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  const folder = await mkdtemp(join(tmpdir(), 'soma-bench-'));
  const token = randomBytes(32).toString('base64url');
  const sha256 = createHash('sha256').update(token).digest('hex');
  const holder = { id: 'bench', sha256, squads: ['*'], scopes: ['feed:read', 'feed:write'] };
  await writeFile(join(folder, 'tokens.json'), JSON.stringify({ tokens: [holder] }), { mode: 0o600 });
  const running: SpawnedService[] = [];
  try {
    return await work({
      kafka: topics.settings,
      postgres,
      databaseUrl: database.url,
      token,
      start: async () => {
        const service = await spawnService(main, {
          ...env,
          SOMA_POSTGRES_URL: database.url,
          SOMA_TOPIC_PREFIX: topics.settings.topicPrefix,
          SOMA_AUTH_TOKENS_FILE: join(folder, 'tokens.json'),
          FEED_RULES_DIR: folder,
        });
        running.push(service);
        const ready = async () => (await httpJson(`${service.url}/health/ready`)).status === 200;
        await waitFor(ready, { timeoutMs: 60_000, describe: 'the feed to be ready' });
        return service;
      },
    });
  } finally {
    await Promise.all(running.map((service) => service.stop()));
    await postgres.end();
    await rm(folder, { recursive: true });
    await database.drop();
    await topics.drop();
  }
};
