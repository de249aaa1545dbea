import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@soma/postgres/testing';
import {
  httpJson,
  platform,
  ServiceDidNotStart,
  type SpawnedService,
  spawnService,
  uniqueName,
  waitFor,
} from '@soma/testing';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const schemas = fileURLToPath(new URL('../../../schemas', import.meta.url));
const { env } = platform();
const prefix = `${uniqueName('provisioner')}.`;
const token = 'a-token-for-the-topics-of-this-test';
const otherToken = 'a-token-for-something-else-entirely';

let directory: string;
let database: TestDatabase;
let settings: Record<string, string>;
const running: SpawnedService[] = [];

const start = async (more: Record<string, string | undefined> = {}): Promise<SpawnedService> => {
  const service = await spawnService(main, { ...settings, ...more });
  running.push(service);
  return service;
};

/** How a start that must fail ends: its exit code and what it wrote. */
const failedStart = async (more: Record<string, string | undefined>) => {
  const failure: unknown = await start(more).catch((error: unknown) => error);
  if (!(failure instanceof ServiceDidNotStart)) throw new Error('it started');
  return { code: failure.exit?.code, logs: failure.logs };
};

const tokenEntry = (id: string, text: string, scopes: string[]) => ({
  id,
  sha256: createHash('sha256').update(text).digest('hex'),
  squads: ['*'],
  scopes,
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'soma-provisioner-'));
  database = await createTestDatabase(platform().postgresUrl);
  const tokens = [
    tokenEntry('reader', token, ['topics:read']),
    tokenEntry('other', otherToken, ['feed:read']),
  ];
  await writeFile(join(directory, 'tokens.json'), JSON.stringify({ tokens }), { mode: 0o600 });
  settings = {
    ...env,
    SOMA_POSTGRES_URL: database.url,
    SOMA_TOPIC_PREFIX: prefix,
    SOMA_SCHEMAS_DIR: schemas,
    SOMA_AUTH_TOKENS_FILE: join(directory, 'tokens.json'),
  };
});

afterEach(() => Promise.all(running.splice(0).map((service) => service.stop())));
afterAll(async () => {
  await rm(directory, { recursive: true });
  await database.drop();
});

it('is ready, shows the declared topics with their drift, and stops in order', async () => {
  const service = await start();
  await waitFor(async () => (await httpJson(`${service.url}/health/ready`)).status === 200, {
    describe: 'readiness',
  });

  const { status, body } = await httpJson(`${service.url}/v1/topics`, { token });
  expect(status).toBe(200);
  const { topics } = body as { topics: { name: string }[] };
  expect(topics.filter(({ name }) => !name.endsWith('.dlq'))).toHaveLength(8);
  const settingsChanged = topics.find(({ name }) => name === `${prefix}settings.changed`);
  expect(settingsChanged).toMatchObject({
    partitions: 6,
    replicationFactor: 3,
    owner: 'identity-settings',
    drift: { create: 3 },
  });
  expect(JSON.stringify(body)).not.toContain('mutation');

  const one = await httpJson(`${service.url}/v1/topics/${prefix}settings.changed`, { token });
  expect(one).toMatchObject({
    status: 200,
    body: { declared: { partitions: 6 }, actual: null, drift: [{ field: 'topic' }, {}, {}], data: null },
  });
  const none = await httpJson(`${service.url}/v1/topics/moon`, { token });
  expect(none).toMatchObject({ status: 404, body: { code: 'unknown-topic' } });
  const plan = await httpJson(`${service.url}/v1/plan`, { token });
  expect(plan).toMatchObject({ status: 200, body: { cluster_id: expect.any(String) } });
  expect(JSON.stringify([one.body, plan.body])).not.toContain('mutation');

  expect(await service.stop()).toEqual({ code: 0, signal: null });
});

it('shows nothing to whom it does not know, and less to whom lacks the scope', async () => {
  const { url } = await start();
  for (const path of ['/v1/topics', '/v1/topics/settings.changed', '/v1/plan']) {
    const stranger = await httpJson(url + path);
    expect(stranger).toMatchObject({
      status: 401,
      body: { status: 401, code: 'unauthorized', instance: path },
    });
    expect(stranger.headers.get('content-type')).toContain('application/problem+json');
    expect(stranger.headers.get('www-authenticate')).toContain('Bearer');
    expect(await httpJson(url + path, { token: 'made-up' })).toMatchObject({ status: 401 });
    const other = await httpJson(url + path, { token: otherToken });
    expect(other).toMatchObject({
      status: 403,
      body: { code: 'insufficient-scope', missing_scopes: ['topics:read'] },
    });
    expect(other.headers.get('content-type')).toContain('application/problem+json');
  }
});

it('runs without its servers, says which are away, answers 503 instead of a guess, and stops', async () => {
  const service = await start({ SOMA_KAFKA_BROKERS: '127.0.0.1:1', SOMA_REGISTRY_URL: 'http://127.0.0.1:2' });
  const { status, body } = await httpJson(`${service.url}/health/ready`);
  expect(status).toBe(503);
  expect(JSON.stringify(body)).toMatch(/kafka.*registry|registry.*kafka/s);
  const topics = await httpJson(`${service.url}/v1/topics`, { token });
  expect(topics).toMatchObject({ status: 503, body: { status: 503, code: 'servers-unavailable' } });
  expect(await service.stop()).toEqual({ code: 0, signal: null });
});

it('says everything that is wrong with its settings at once, masks secrets, and exits with 78', async () => {
  const { code, logs } = await failedStart({
    SOMA_KAFKA_BROKERS: 'not a broker',
    SOMA_KAFKA_PASSWORD: 'hush-hush-hush',
    SOMA_KAFKA_PASSWORD_FILE: '/nowhere',
    SOMA_REGISTRY_URL: undefined,
    SOMA_LOG_LEVEL: 'loud',
    SOMA_HTTP_PORT: '70000',
    PROVISIONER_INTERVAL_MS: '999',
    PROVISIONER_REVERT: 'unsafe',
  });
  expect(code).toBe(78);
  const variables = [
    'SOMA_KAFKA_BROKERS',
    'SOMA_KAFKA_PASSWORD',
    'SOMA_REGISTRY_URL',
    'SOMA_LOG_LEVEL',
    'SOMA_HTTP_PORT',
    'PROVISIONER_INTERVAL_MS',
    'PROVISIONER_REVERT',
  ];
  for (const variable of variables) expect(logs).toContain(variable);
  for (const given of ['not a broker', 'loud', '70000', 'host:port[,host:port…]'])
    expect(logs).toContain(given);
  expect(logs).not.toContain('hush');
});

it('names file, line, field and what is allowed for a wrong catalogue, and does not start', async () => {
  const wrong = join(directory, 'schemas');
  await cp(schemas, wrong, { recursive: true });
  const file = join(wrong, 'identity-settings', 'settings.changed.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace('partitions: 6', 'partitions: none').replace('FULL_TRANSITIVE', 'FULLISH'),
  );
  const { code, logs } = await failedStart({ SOMA_SCHEMAS_DIR: wrong });
  expect(code).toBe(78);
  const line = (needle: string) => text.slice(0, text.indexOf(needle)).split('\n').length;
  expect(logs).toContain(`${file}:${line('partitions: 6')}:`);
  expect(logs).toMatch(/partitions — .*; allowed: /);
  expect(logs).toContain(`${file}:${line('compatibility:')}:`);
  expect(logs).toMatch(/schema\.compatibility — .*; allowed: .*FULL_TRANSITIVE/);
  expect(logs).not.toMatch(/^\s+at /m);
});

it('names the environments that there are', async () => {
  const { code, logs } = await failedStart({ SOMA_ENVIRONMENT: 'moon' });
  expect(code).toBe(78);
  expect(logs).toContain('there is no environment "moon"; schemas/environments has local, prod, staging');
});
