import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchProcess } from '@soma/platform';

const run = promisify(execFile);

/** A cluster of one node, without an authorizer: what somebody may have made by hand. */
export interface SingleNode {
  readonly brokers: readonly string[];
  readonly clusterId: string;
  /** Ends it; throws with its log if it has ended by itself. */
  stop(): Promise<void>;
}

/** Ports of this machine that nobody listens on now. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};

/** Logins with SCRAM over TLS, instead of none over plaintext. */
export interface Security {
  readonly user: string;
  readonly password: string;
  /** PEM files: the broker's key and certificate together, and the authority that signed it. */
  readonly keyStoreFile: string;
  readonly caFile: string;
}

const scram = 'SCRAM-SHA-512';

const securityProperties = ({ user, password, keyStoreFile, caFile }: Security): Record<string, string> => ({
  'sasl.enabled.mechanisms': scram,
  'sasl.mechanism.inter.broker.protocol': scram,
  'listener.name.client.scram-sha-512.sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`,
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': keyStoreFile,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': caFile,
});

const properties = (
  data: string,
  [client, controller]: readonly number[],
  security: Security | undefined,
): Readonly<Record<string, string | number>> => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${controller}`,
  'log.dirs': data,
  listeners: `CLIENT://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
  'listener.security.protocol.map': `CLIENT:${security ? 'SASL_SSL' : 'PLAINTEXT'},CONTROLLER:PLAINTEXT`,
  'inter.broker.listener.name': 'CLIENT',
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': 1,
  'log.cleaner.dedupe.buffer.size': 16_777_216,
  ...(security && securityProperties(security)),
});

/** Starts one with the software of the platform whose state is in `home`; it never outlives this process. */
export const startSingleNode = async (home: string, security?: Security): Promise<SingleNode> => {
  const folder = await mkdtemp(join(tmpdir(), 'soma-single-node-'));
  const node = join(home, 'run', 'kafka-1');
  const classPath = `@${join(node, 'class-path.args')}`;
  const logging = `-Dlog4j2.configurationFile=${join(node, 'log4j2.properties')}`;
  const ports = await freePorts(2);
  const config = join(folder, 'server.properties');
  const lines = Object.entries(properties(join(folder, 'data'), ports, security));
  await writeFile(config, lines.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const users = security && ['--add-scram', `${scram}=[name=${security.user},password=${security.password}]`];
  const format = ['format', '--config', config, '--cluster-id', clusterId, ...(users ?? [])];
  // By file: arguments are seen in the list of processes.
  const argumentsFile = join(folder, 'format.args');
  await writeFile(argumentsFile, format.map((word) => `${word}\n`).join(''), { mode: 0o600 });
  await run('java', [classPath, 'kafka.tools.StorageTool', `@${argumentsFile}`]);
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
    brokers: [`127.0.0.1:${ports[0]}`],
    clusterId,
    stop: async () => {
      if (child.exit() !== undefined) throw new Error(`it ended: ${await readFile(log, 'utf8')}`);
      await child.stop(20_000);
      await rm(folder, { recursive: true });
    },
  };
};
