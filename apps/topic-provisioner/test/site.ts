import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterAdmin, createAdmin, type KafkaSettings, SchemaRegistry } from '@soma/kafka';
import { testConnection } from '@soma/kafka/testing';
import { createPostgres, type Postgres } from '@soma/postgres';
import { createTestDatabase } from '@soma/postgres/testing';
import { createLogger } from '@soma/telemetry';
import {
  httpJson,
  type JsonAnswer,
  platform,
  type SpawnedService,
  spawnService,
  uniqueName,
  waitFor,
} from '@soma/testing';
import { removeAll } from './remove-all.js';
import { writeCatalogue } from './catalogue-directory.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Who calls, by what they may do. */
const callers = {
  reader: ['topics:read'],
  planner: ['topics:read', 'topics:plan', 'topics:approve'],
  approver: ['topics:approve'],
  operator: ['topics:read', 'topics:plan', 'topics:approve', 'topics:self-approve', 'topics:apply'],
  stranger: ['feed:read'],
} as const;

export type CallerName = keyof typeof callers;

export const logger = createLogger({ service: 'topic-provisioner-spec', level: 'silent' });

export interface SiteOptions {
  /** Topics besides settings.changed and infra.notifications. */
  readonly bulk?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything around a topic-provisioner under test: catalogue, topics, database and tokens that nobody else has. */
export interface Site {
  readonly kafka: KafkaSettings;
  readonly admin: ClusterAdmin;
  readonly registry: SchemaRegistry;
  readonly postgres: Postgres;
  /** The environment that the service gets. */
  readonly env: Readonly<Record<string, string>>;
  /** A declared topic by its name on the cluster. */
  topic(name: string): string;
  /** Starts the built service, as one more replica, and waits until it is ready. */
  start(more?: Readonly<Record<string, string>>): Promise<SpawnedService>;
  /** Brings the cluster to what the catalogue says, over the API. */
  provision(service: SpawnedService): Promise<void>;
  /** Stops what still runs and removes everything. */
  drop(): Promise<void>;
}

const tokenOf = (caller: CallerName): string => `the-token-of-the-${caller}-of-this-test`;

/** Calls the API as one of the callers. */
export const call = (
  { url }: SpawnedService,
  path: string,
  { as = 'operator', ...options }: { as?: CallerName; method?: string; body?: unknown } = {},
): Promise<JsonAnswer> => httpJson(url + path, { token: tokenOf(as), ...options });

/** Makes, approves and applies a plan over the API; answers its id and the answer of the apply. */
export const planAndApply = async (service: SpawnedService, body: object = {}) => {
  const made = await call(service, '/v1/plans', { body });
  const { id } = made.body as { id: string };
  await call(service, `/v1/plans/${id}/approve`, { method: 'POST' });
  return { id, applied: call(service, `/v1/plans/${id}/apply`, { method: 'POST' }) };
};

/** The value of a metric with exactly these labels besides `service`; undefined when it is not shown. */
export const metric = async (
  { url }: SpawnedService,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | undefined> => {
  const page = (await httpJson(`${url}/metrics`)).body as string;
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = page
    .split('\n')
    .find((one) => one.startsWith(`${name}{`) && wanted.every((label) => one.includes(label)));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
};

/** Waits until the leader has planned twice more: whatever the first of these plans caused is over. */
export const twoRounds = async (service: SpawnedService): Promise<void> => {
  const plans = async (): Promise<number> => {
    const counts = ['clean', 'drift'].map((outcome) =>
      metric(service, 'soma_provisioner_plans_total', { outcome }),
    );
    return (await Promise.all(counts)).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  };
  const before = await plans();
  await waitFor(async () => (await plans()) >= before + 3, { timeoutMs: 60_000, describe: 'two rounds' });
};

export const createSite = async ({ bulk = 0, env = {} }: SiteOptions = {}): Promise<Site> => {
  const connection = testConnection(platform());
  const kafka = { ...connection.kafka, topicPrefix: `${uniqueName('reconcile')}.` };
  const [admin, registry] = [createAdmin(kafka, 'provisioner-spec'), new SchemaRegistry(connection.registry)];
  const database = await createTestDatabase(platform().postgresUrl);
  const folder = await mkdtemp(join(tmpdir(), 'soma-reconcile-'));
  await writeCatalogue(join(folder, 'schemas'), bulk);
  const tokens = Object.entries(callers).map(([id, scopes]) => ({
    id,
    sha256: createHash('sha256')
      .update(tokenOf(id as CallerName))
      .digest('hex'),
    squads: ['*'],
    scopes,
  }));
  await writeFile(join(folder, 'tokens.json'), JSON.stringify({ tokens }), { mode: 0o600 });
  const postgres = createPostgres({ SOMA_POSTGRES_URL: database.url }, { logger });
  const settings = {
    ...platform().env,
    SOMA_POSTGRES_URL: database.url,
    SOMA_TOPIC_PREFIX: kafka.topicPrefix,
    SOMA_SCHEMAS_DIR: join(folder, 'schemas'),
    SOMA_AUTH_TOKENS_FILE: join(folder, 'tokens.json'),
    PROVISIONER_INTERVAL_MS: '1000',
    ...env,
  };
  const running: SpawnedService[] = [];
  const mine = (name: string): boolean => name.startsWith(kafka.topicPrefix);
  return {
    kafka,
    admin,
    registry,
    postgres,
    env: settings,
    topic: (name) => kafka.topicPrefix + name,
    start: async (more = {}) => {
      const service = await spawnService(main, { ...settings, ...more });
      running.push(service);
      const ready = async () => (await httpJson(`${service.url}/health/ready`)).status === 200;
      await waitFor(ready, { timeoutMs: 30_000, describe: 'readiness' });
      return service;
    },
    // Again until it went well: a registry that others work with may refuse a moment.
    provision: async (service) => {
      const provisioned = async (): Promise<boolean> => {
        const { status, body } = await (await planAndApply(service)).applied;
        if (status !== 200) throw new Error(JSON.stringify(body));
        return true;
      };
      await waitFor(provisioned, { timeoutMs: 60_000, describe: 'the catalogue to stand' });
    },
    drop: async () => {
      await Promise.all(running.map((service) => service.stop()));
      try {
        await removeAll(admin, registry, mine);
      } finally {
        await admin.close();
        await postgres.end();
        await database.drop();
        await rm(folder, { recursive: true });
      }
    },
  };
};
