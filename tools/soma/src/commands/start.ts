import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, servicePrincipals } from '@soma/contracts';
import { kafkaEnv, kafkaSettings, registrySettings } from '@soma/kafka';
import { type OwnedPlatform, parseEnv, platformHome, platformPaths, startPlatform } from '@soma/platform';
import { loadConfig } from '@soma/service-kit';
import { Provisioner, provisionerService } from '@soma/topic-provisioner';
import { Command } from 'commander';
import { z } from 'zod';
import { requireCatalogue, requireTopic } from '../catalogue.js';
import { CommandFailure } from '../exit.js';
import { feedHead, feedLine, tailFeed } from '../feed.js';
import { kafkaOperations } from '../kafka-operations.js';
import { produceEvents } from '../produce.js';
import { progressLines, steps } from '../progress.js';
import { type LocalService, publishServices, serviceNames, startService, withdrawServices } from '../services.js';
import { ensureOperatorToken } from '../tokens.js';
import { generatedEntries } from './events.js';

const schemas = fileURLToPath(new URL('../../../../schemas', import.meta.url));
const environment = 'local';
const kafkaSchema = z.object(kafkaEnv);

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
  head?: string;
  services: LocalService[];
}

const principalConnection = (home: string, principal: string) =>
  loadConfig(kafkaSchema, parseEnv(readFileSync(join(platformPaths(home).principals, `${principal}.env`), 'utf8')));

const ensurePrincipals = async (platform: OwnedPlatform, catalogue: Catalogue): Promise<void> => {
  const services = servicePrincipals(catalogue.topics.map(({ spec }) => spec)).map(({ service }) => service);
  await platform.ensurePrincipals(
    [...new Set([...services, provisionerService])].map((name) => ({
      name,
      ...(name === 'notification-feed' && { postgres: true, redis: true }),
    })),
  );
};

const provision = async (platform: OwnedPlatform, catalogue: Catalogue): Promise<string> => {
  const admin = loadConfig(kafkaSchema, platform.env);
  const provisioner = new Provisioner({
    kafka: kafkaSettings(admin),
    registry: registrySettings(admin),
    catalogue,
    environment,
  });
  try {
    const { applied, blocked } = await provisioner.apply();
    const failed = applied.find(({ outcome }) => !outcome.ok);
    const { changes } = await provisioner.verify();
    if (failed || blocked.length > 0 || changes.length > 0) {
      throw new CommandFailure('the cluster is not as the catalogue says: see `npx soma topics plan`');
    }
    return applied.length === 0 ? 'nothing to do' : `${applied.length} changes`;
  } finally {
    await provisioner.close();
  }
};

const startSteps = (home: string, started: Started) =>
  steps<object>([
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
        started.catalogue = await requireCatalogue(schemas);
        await ensurePrincipals(running(started), started.catalogue);
        started.tokenFile = ensureOperatorToken(home);
      },
    },
    {
      title: 'Topics, schemas and ACLs',
      task: async (_, task) => {
        const done = await provision(running(started), await requireCatalogue(schemas));
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
        publishServices(home, started.services);
      },
    },
    {
      title: 'First events',
      task: async (_, task) => {
        const catalogue = await requireCatalogue(schemas);
        const seed = Math.floor(Date.now() / 1000);
        started.head = await feedHead({ ...feedAddress(started), squad: demoSquad });
        for (const [name, service, count] of firstEvents) {
          const topic = requireTopic(catalogue, name);
          const connection = principalConnection(home, service);
          await produceEvents({ connection, service, topic, entries: generatedEntries(topic, { count, seed }) });
        }
        task.title = `${task.title}: ${firstEvents.map(([name, , count]) => `${count} × ${name}`).join(', ')}`;
      },
    },
  ]);

const running = ({ platform }: Started): OwnedPlatform => {
  if (!platform) throw new Error('the platform has not started');
  return platform;
};

const feedAddress = ({ services, tokenFile = '' }: Started): { url: string; token: string } => ({
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
  npx soma feed tail --squad ${demoSquad} --since 0

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
    await startSteps(home, started).run();
    process.stdout.write(`\nstarted in ${((performance.now() - began) / 1000).toFixed(1)} s\n${summary(started)}`);
    const feed = { ...feedAddress(started), squad: demoSquad, since: started.head ?? '0' };
    for await (const notification of tailFeed({ ...feed, signal: ending.signal })) process.stdout.write(`${feedLine(notification)}\n`);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    await stop();
    process.stdout.write('everything is stopped\n');
  }
};

export const startCommand = (): Command =>
  new Command('start')
    .description('platform, topics, services and first events, then the feed until Ctrl-C: what `npm start` runs')
    .addHelpText('after', '\nExit codes: 0 ended by Ctrl-C, 1 a step failed.\n\nExample:\n  npx soma start')
    .action(start);
