import { fileURLToPath } from 'node:url';
import { createTestTopics, testConnection } from '@soma/kafka/testing';
import { createTestDatabase } from '@soma/postgres/testing';
import { platform, type SpawnedService, spawnService } from '@soma/testing';

const main = fileURLToPath(new URL('../../../apps/notification-feed/dist/main.js', import.meta.url));

/** The built notification-feed, with topics and a database of a test's own. */
export interface FeedService extends Pick<SpawnedService, 'url'> {
  /** Stops it and removes everything. */
  drop(): Promise<void>;
}

/** Starts the feed; it accepts the tokens of this file. */
export const startFeed = async (tokensFile: string): Promise<FeedService> => {
  const topics = await createTestTopics({
    ...testConnection(platform()),
    topics: ['settings.changed', 'billing.events', 'infra.notifications'],
  });
  const database = await createTestDatabase(platform().postgresUrl);
  const service = await spawnService(main, {
    ...platform().env,
    SOMA_POSTGRES_URL: database.url,
    SOMA_TOPIC_PREFIX: topics.settings.topicPrefix,
    SOMA_AUTH_TOKENS_FILE: tokensFile,
  });
  return {
    url: service.url,
    drop: async () => {
      await service.stop();
      await database.drop();
      await topics.drop();
    },
  };
};
