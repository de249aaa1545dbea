import { readFileSync } from 'node:fs';
import type { Catalogue } from '@soma/contracts';
import { createFeedClient, type FeedClient } from '@soma/feed-client';
import { type OwnedPlatform, platformHome, startPlatform } from '@soma/platform';
import { Command } from 'commander';
import { requireTopic } from '../catalogue.js';
import { feedLine, gapLine } from '../feed-line.js';
import { kafkaOperations } from '../kafka-operations.js';
import {
  ensurePrincipals,
  principalConnection,
  provision,
  repositoryCatalogue,
} from '../local-environment.js';
import { produceEvents } from '../produce.js';
import { progressLines, runSteps } from '../progress.js';
import {
  type LocalService,
  publishServices,
  serviceNames,
  startService,
  withdrawServices,
} from '../services.js';
import { ensureOperatorToken } from '../tokens.js';
import { generatedEntries } from './events.js';

/** The first handful: topic, the service that produces it, how many. */
const firstEvents = [
  ['settings.changed', 'settings-api', 5],
  ['billing.events', 'billing-meter', 4],
  ['infra.notifications', 'topic-provisioner', 3],
] as const;

/** Of the first handful, this squad sees most. */
const demoSquad = 'identity-settings';

interface Started {
  platform?: OwnedPlatform;
  catalogue?: Catalogue;
  tokenFile?: string;
  /** Position of the feed before the first events: the stream begins behind it. */
  head?: string | undefined;
  services: LocalService[];
}

const startAll = (home: string, started: Started): Promise<void> =>
  runSteps<object>([
    {
      title: 'Platform: Kafka, registry, Postgres, Redis, Prometheus, Alertmanager',
      task: async (_, task) => {
        const output = progressLines((text) => {
          task.output = text;
        });
        started.platform = await startPlatform({ home, kafka: kafkaOperations, onProgress: output });
      },
      rendererOptions: { bottomBar: Infinity, persistentOutput: true },
    },
    {
      title: 'Accounts: a Kafka user for each service, with its own password',
      task: async () => {
        started.catalogue = await repositoryCatalogue();
        await ensurePrincipals(running(started), started.catalogue);
        started.tokenFile = ensureOperatorToken(home);
      },
    },
    {
      title: 'Topics, schemas and ACLs',
      task: async (_, task) => {
        const done = await provision(running(started), loaded(started));
        task.title = `${task.title}: ${done}`;
      },
    },
    {
      title: 'Services: topic-provisioner, notification-feed, squad-service',
      task: async () => {
        await Promise.all(
          serviceNames.map(async (name) => {
            const service = await startService(home, name);
            started.services.push(service);
            await service.ready();
          }),
        );
        await publishServices(home, started.services);
      },
    },
    {
      title: 'First events',
      task: async (_, task) => {
        const catalogue = loaded(started);
        const seed = Math.floor(Date.now() / 1000);
        const { notifications } = await feedOf(started).page({ squad: demoSquad, limit: 1 });
        started.head = notifications[0]?.position;
        for (const [name, service, count] of firstEvents) {
          const topic = requireTopic(catalogue, name);
          const connection = principalConnection(home, service);
          await produceEvents({
            connection,
            service,
            topic,
            entries: generatedEntries(topic, { count, seed }),
          });
        }
        task.title = `${task.title}: ${firstEvents.map(([name, , count]) => `${count} × ${name}`).join(', ')}`;
      },
    },
  ]);

const loaded = ({ catalogue }: Started): Catalogue => {
  if (!catalogue) throw new Error('the catalogue has not been read');
  return catalogue;
};

const running = ({ platform }: Started): OwnedPlatform => {
  if (!platform) throw new Error('the platform has not started');
  return platform;
};

const feedOf = ({ services, tokenFile = '' }: Started): FeedClient =>
  createFeedClient({
    url: services.find(({ name }) => name === 'notification-feed')?.url ?? '',
    token: readFileSync(tokenFile, 'utf8').trim(),
  });

const summary = ({ services, platform, tokenFile }: Started): string => {
  const url = (name: string): string => services.find((service) => service.name === name)?.url ?? '–';
  const env = platform?.env ?? {};
  return `
ready

  feed               ${url('notification-feed')}/v1/notifications?squad=${demoSquad}
  stream             ${url('notification-feed')}/v1/stream?squad=${demoSquad}
  topics             ${url('topic-provisioner')}/v1/topics
  example            ${url('squad-service')}/health/ready
  registry           ${env['SOMA_REGISTRY_URL'] ?? '–'}
  Prometheus         ${env['SOMA_PROMETHEUS_URL'] ?? '–'}
  token              ${tokenFile ?? '–'}
  logs, passwords    ${platform?.home ?? '–'}

Next, in another terminal:
  npx soma events produce settings.changed --count 20
  npx soma topics verify
  npx soma feed tail --squad ${demoSquad} --after 0

The feed of ${demoSquad}, until Ctrl-C:
`;
};

const stopAll = async ({ services, platform }: Started, home: string): Promise<void> => {
  withdrawServices(home);
  await Promise.all(services.map((service) => service.stop()));
  await platform?.down();
};

const start = async (): Promise<void> => {
  const home = platformHome();
  const began = performance.now();
  const started: Started = { services: [] };
  const ending = new AbortController();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopAll(started, home));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending.signal.aborted) return;
      process.stdout.write('\nstopping\n');
      ending.abort();
      // During the start there is no stream to end: stopping the servers makes the step fail, and the start with it.
      void stop();
    });
  }
  try {
    await startAll(home, started);
    process.stdout.write(
      `\nstarted in ${((performance.now() - began) / 1000).toFixed(1)} s\n${summary(started)}`,
    );
    const items = feedOf(started).subscribe({
      squad: demoSquad,
      from: started.head ?? 'start',
      onGap: (gap) => void process.stderr.write(`${gapLine(gap)}\n`),
      signal: ending.signal,
    });
    for await (const { notification } of items) process.stdout.write(`${feedLine(notification)}\n`);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    await stop();
    process.stdout.write('everything is stopped\n');
  }
};

export const startCommand = (): Command =>
  new Command('start')
    .description(
      'platform, topics, services and first events, then the feed until Ctrl-C: what `npm start` runs',
    )
    .addHelpText('after', '\nExit codes: 0 ended by Ctrl-C, 1 a step failed.\n\nExample:\n  npx soma start')
    .action(start);
