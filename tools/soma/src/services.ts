import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LaunchedProcess, launchProcess, parseEnv, platformPaths, sendAlertsTo } from '@soma/platform';
import { CommandFailure } from './exit.js';
import { ensureWebhookKey, tokenFile } from './tokens.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The services that `npm start` runs, and the example of another squad. */
export const serviceNames = ['topic-provisioner', 'notification-feed', 'squad-service'] as const;

export type ServiceName = (typeof serviceNames)[number];

const entries: Readonly<Record<ServiceName, string>> = {
  'topic-provisioner': 'apps/topic-provisioner/dist/main.js',
  'notification-feed': 'apps/notification-feed/dist/main.js',
  'squad-service': 'examples/squad-service/dist/main.js',
};

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const pollMs = 100;

/** A service that runs as a child of this process. */
export interface LocalService {
  readonly name: ServiceName;
  readonly url: string;
  readonly log: string;
  /** Resolves when it answers that it is ready; rejects with the end of its log when it ended or took too long. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const defaultPorts = JSON.parse(
  readFileSync(new URL('../service-ports.json', import.meta.url), 'utf8'),
) as Readonly<Record<ServiceName, number>>;

/** What a service needs on this machine besides the servers. */
const localSettings = (home: string, name: ServiceName): Readonly<Record<string, string>> =>
  name === 'notification-feed'
    ? {
        FEED_WEBHOOK_KEY_FILE: ensureWebhookKey(home),
        // A receiver that somebody tries out runs on this machine, too.
        FEED_WEBHOOK_ALLOWED_RANGES: '127.0.0.0/8,::1/128',
      }
    : {};

/** The given port if it is free, otherwise any that is. */
const freePort = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () => (wanted === 0 ? reject(new Error('no free port')) : resolve(freePort(0))));
    server.listen({ port: wanted, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : wanted));
    });
  });

const servicesFile = (home: string): string => join(home, 'services.json');

/** Addresses of the services that run now, by name; empty when none do. */
export const readServices = (home: string): Partial<Record<ServiceName, string>> =>
  existsSync(servicesFile(home))
    ? (JSON.parse(readFileSync(servicesFile(home), 'utf8')) as Partial<Record<ServiceName, string>>)
    : {};

/** Tells the other commands, Prometheus and Alertmanager where the services are. */
export const publishServices = async (home: string, services: readonly LocalService[]): Promise<void> => {
  const urls = Object.fromEntries(services.map(({ name, url }) => [name, url]));
  writeFileSync(servicesFile(home), `${JSON.stringify(urls, null, 2)}\n`);
  const { prometheusTargets } = platformPaths(home);
  mkdirSync(prometheusTargets, { recursive: true });
  const targets = services.map(({ name, url }) => ({ targets: [new URL(url).host], labels: { job: name } }));
  writeFileSync(join(prometheusTargets, 'services.json'), `${JSON.stringify(targets, null, 2)}\n`);
  const feed = urls['notification-feed'];
  if (feed !== undefined)
    await sendAlertsTo(home, {
      url: `${feed}/v1/alertmanager`,
      tokenFile: tokenFile(home, 'alertmanager'),
    });
};

export const withdrawServices = (home: string): void => {
  rmSync(servicesFile(home), { force: true });
  rmSync(join(platformPaths(home).prometheusTargets, 'services.json'), { force: true });
};

const tail = (file: string, lines: number): string =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';

const waitUntilReady = async (
  name: ServiceName,
  url: string,
  child: LaunchedProcess,
  log: string,
): Promise<void> => {
  const end = performance.now() + readyTimeoutMs;
  const failed = (what: string): CommandFailure =>
    new CommandFailure(`${name} ${what}; the end of ${log}:\n${tail(log, 15)}`);
  for (;;) {
    if (child.exit() !== undefined) throw failed(`ended (${child.exit()})`);
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > end) throw failed(`is not ready after ${readyTimeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
};

/** Starts a service with the rights of its own principal. */
export const startService = async (home: string, name: ServiceName): Promise<LocalService> => {
  const paths = platformPaths(home);
  const log = join(paths.logs, `${name}.log`);
  writeFileSync(log, '', { mode: 0o640 });
  const port = await freePort(defaultPorts[name]);
  const url = `http://127.0.0.1:${port}`;
  const child = launchProcess(
    {
      command: process.execPath,
      args: [join(root, entries[name])],
      cwd: root,
      deathSignal: 'KILL',
      env: {
        ...parseEnv(readFileSync(join(paths.principals, `${name}.env`), 'utf8')),
        SOMA_HTTP_PORT: `${port}`,
        SOMA_AUTH_TOKENS_FILE: join(home, 'tokens.json'),
        NODE_ENV: 'production',
        ...localSettings(home, name),
      },
    },
    log,
  );
  return {
    name,
    url,
    log,
    ready: () => waitUntilReady(name, url, child, log),
    stop: () => child.stop(stopTimeoutMs),
  };
};
