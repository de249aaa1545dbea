import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchProcess } from '@soma/platform';

const run = promisify(execFile);

/** A cluster of one node, without users and without an authorizer: what somebody may have made by hand. */
export interface OpenCluster {
  readonly brokers: readonly string[];
  readonly clusterId: string;
  stop(): Promise<void>;
}

const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

const properties = (data: string, client = 0, controller = 0): Readonly<Record<string, string | number>> => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${controller}`,
  'log.dirs': data,
  listeners: `PLAINTEXT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': 1,
  'log.cleaner.dedupe.buffer.size': 16_777_216,
});

/** Starts one with the software of the platform whose state is in `home`; it never outlives this process. */
export const startOpenCluster = async (home: string): Promise<OpenCluster> => {
  const folder = await mkdtemp(join(tmpdir(), 'soma-open-cluster-'));
  const node = join(home, 'run', 'kafka-1');
  const classPath = `@${join(node, 'class-path.args')}`;
  const logging = `-Dlog4j2.configurationFile=${join(node, 'log4j2.properties')}`;
  const [client, controller] = await freePorts(2);
  const config = join(folder, 'server.properties');
  const lines = Object.entries(properties(join(folder, 'data'), client, controller));
  await writeFile(config, lines.map(([name, value]) => `${name}=${value}\n`).join(''));
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const format = ['kafka.tools.StorageTool', 'format', '--config', config, '--cluster-id', clusterId];
  await run('java', [classPath, ...format]);
  const log = join(folder, 'kafka.log');
  await writeFile(log, '');
  const child = launchProcess(
    {
      command: 'java',
      args: [
        '-Xmx256m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        logging,
        classPath,
        'kafka.Kafka',
        config,
      ],
      cwd: folder,
      deathSignal: 'KILL',
      env: { PATH: process.env['PATH'] ?? '' },
    },
    log,
  );
  return {
    brokers: [`127.0.0.1:${client}`],
    clusterId,
    stop: async () => {
      if (child.exit() !== undefined) throw new Error(`it ended: ${await readFile(log, 'utf8')}`);
      await child.stop(20_000);
      await rm(folder, { recursive: true });
    },
  };
};
