import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createAdmin, createClient, kafkaSettings, type KafkaSettings } from '@soma/kafka';
import { type LaunchedProcess, launchProcess } from '@soma/platform';
import { createPostgres } from '@soma/postgres';
import { createRedis } from '@soma/redis';
import { createLogger } from '@soma/telemetry';
import { platform, waitFor } from '@soma/testing';
import { type Certificates, makeCertificates } from '../src/trial/authority.js';
import { freePorts, type SingleNode, startSingleNode } from '../src/trial/single-node.js';

const run = promisify(execFile);
const logger = createLogger({ service: 'tls-trial', level: 'silent' });
const password = randomBytes(12).toString('hex');
const stopWithinMs = 20_000;

let folder: string;
let certificates: Certificates;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-tls-'));
  await chmod(folder, 0o755);
  certificates = await makeCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const failureOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => (error as Error).message,
  );

describe('Kafka over TLS with SCRAM', () => {
  let node: SingleNode;
  const settings = (caFile?: string): KafkaSettings =>
    kafkaSettings({
      SOMA_KAFKA_BROKERS: [...node.brokers],
      SOMA_KAFKA_USERNAME: 'admin',
      SOMA_KAFKA_PASSWORD: password,
      SOMA_KAFKA_TLS: true,
      SOMA_KAFKA_CA_FILE: caFile,
    });

  beforeAll(async () => {
    node = await startSingleNode(platform().home, { user: 'admin', password, ...certificates });
  });
  afterAll(() => node.stop());

  it('is administered, written and read by clients that trust its authority, and by no others', async () => {
    const admin = createAdmin(settings(certificates.caFile));
    const seen = await waitFor(() => admin.describeCluster().catch(() => undefined), {
      timeoutMs: 60_000,
      describe: 'the node',
    });
    expect(seen.clusterId).toBe(node.clusterId);
    const topic = { name: 'sealed', partitions: 1, replicationFactor: 1, configs: {} };
    expect((await admin.createTopics([topic])).get('sealed')).toEqual({ ok: true });

    const client = createClient(settings(certificates.caFile), { clientId: 'tls-trial', logger });
    const producer = client.producer();
    await producer.connect();
    await producer.send({ topic: 'sealed', messages: [{ value: 'a letter' }] });
    await producer.disconnect();
    const held = await waitFor(
      async () => {
        const data = (await admin.topicData(['sealed'])).get('sealed');
        return data?.found && data.value.messages === 1n ? data : undefined;
      },
      { describe: 'the record' },
    );
    expect(held.value.messages).toBe(1n);
    await admin.close();

    const stranger = createAdmin(settings());
    expect(await failureOf(stranger.describeCluster())).toMatch(
      /no broker answered .*(self-signed|unable to|certificate)/i,
    );
    await stranger.close();
    const { tlsCa: _, ...plaintext } = settings(certificates.caFile);
    const unsealed = createAdmin(plaintext);
    expect(await failureOf(unsealed.describeCluster())).toMatch(/no broker answered/);
    await unsealed.close();
  }, 120_000);
});

describe('Redis over TLS', () => {
  let server: LaunchedProcess;
  let url: string;

  beforeAll(async () => {
    const [port] = await freePorts(1);
    url = `rediss://:${password}@127.0.0.1:${port}/0`;
    const config = join(folder, 'redis.conf');
    const { caFile, keyFile, certificateFile } = certificates;
    await writeFile(
      config,
      `bind 127.0.0.1\nport 0\ntls-port ${port}\ntls-cert-file ${certificateFile}\ntls-key-file ${keyFile}\n` +
        `tls-ca-cert-file ${caFile}\ntls-auth-clients no\nrequirepass ${password}\nsave ""\ndir ${folder}\n`,
      { mode: 0o600 },
    );
    const log = join(folder, 'redis.log');
    await writeFile(log, '');
    server = launchProcess(
      { command: 'redis-server', args: [config], cwd: folder, deathSignal: 'KILL' },
      log,
    );
  });
  afterAll(() => server.stop(stopWithinMs));

  it('serves clients that trust its authority, and no others', async () => {
    const redis = createRedis(
      { SOMA_REDIS_URL: url, SOMA_REDIS_CA_FILE: certificates.caFile },
      { logger, name: 'tls-trial' },
    );
    await waitFor(
      () =>
        redis.health().then(
          () => true,
          () => false,
        ),
      { describe: 'Redis over TLS' },
    );
    const heard: string[] = [];
    await redis.subscribe('news', (message) => void heard.push(message));
    await waitFor(async () => {
      await redis.publish('news', 'sealed');
      return heard.length > 0;
    });
    await redis.quit();
    const stranger = createRedis({ SOMA_REDIS_URL: url }, { logger, name: 'tls-trial' });
    expect(await failureOf(stranger.health())).not.toBe('it did not fail');
    await stranger.quit();
  });
});

/** Where Debian and others put the server's programs; undefined when there are none. */
const postgresPrograms = async (): Promise<string | undefined> => {
  for (const pattern of ['/usr/lib/postgresql/*/bin/initdb', '/usr/bin/initdb', '/usr/local/bin/initdb'])
    for await (const found of glob(pattern)) return dirname(found);
  return undefined;
};

describe('PostgreSQL over TLS', () => {
  let server: LaunchedProcess | undefined;
  let url: string;

  beforeAll(async () => {
    const programs = await postgresPrograms();
    if (programs === undefined) throw new Error('PostgreSQL is not installed: `npx soma up` installs it');
    const isRoot = process.getuid?.() === 0;
    const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
    // The server refuses to run as root.
    const runAs = isRoot ? { uid: await id('-u'), gid: await id('-g') } : undefined;
    const data = join(folder, 'postgres');
    await mkdir(data, { mode: 0o700 });
    const own = (path: string): Promise<void> =>
      runAs ? chown(path, runAs.uid, runAs.gid) : Promise.resolve();
    await own(data);
    const passwordFile = join(folder, 'postgres.password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await own(passwordFile);
    const args = [
      '-D',
      data,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--no-instructions',
    ];
    await run(join(programs, 'initdb'), args, { cwd: folder, ...runAs });
    const [port] = await freePorts(1);
    url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const files = { 'server.key': certificates.keyFile, 'server.crt': certificates.certificateFile };
    for (const [name, from] of Object.entries(files)) {
      await writeFile(join(data, name), await readFile(from), { mode: 0o600 });
      await own(join(data, name));
    }
    const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'ssl=on'];
    await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
    const log = join(folder, 'postgres.log');
    await writeFile(log, '');
    server = launchProcess(
      {
        command: join(programs, 'postgres'),
        args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        cwd: folder,
        deathSignal: 'INT',
        ...(runAs && { runAs }),
      },
      log,
    );
  });
  afterAll(() => server?.stop(stopWithinMs));

  it('serves clients that trust its authority, and no others', async () => {
    const trusting = createPostgres(
      { SOMA_POSTGRES_URL: url, SOMA_POSTGRES_CA_FILE: certificates.caFile },
      { logger },
    );
    await waitFor(
      () =>
        trusting.health().then(
          () => true,
          () => false,
        ),
      { describe: 'PostgreSQL over TLS' },
    );
    const { rows } = await trusting.query<{ ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    expect(rows).toEqual([{ ssl: true }]);
    await trusting.end();
    const plaintext = createPostgres({ SOMA_POSTGRES_URL: url }, { logger });
    expect(await failureOf(plaintext.health())).toMatch(/no pg_hba.conf entry .*no encryption/);
    await plaintext.end();
    const otherCa = join(folder, 'other');
    await mkdir(otherCa);
    const other = await makeCertificates(otherCa);
    const suspicious = createPostgres(
      { SOMA_POSTGRES_URL: url, SOMA_POSTGRES_CA_FILE: other.caFile },
      { logger },
    );
    expect(await failureOf(suspicious.health())).toMatch(/certificate|self-signed|unable to/);
    await suspicious.end();
  });
});
