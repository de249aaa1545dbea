import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { PlatformError } from '../errors.js';
import { replaceFile } from '../files.js';
import { kafkaNodes, portOf, type KafkaNode } from '../names.js';
import { acceptsConnections } from '../ports.js';
import { lastWords, run } from '../process/run.js';
import { kafkaLogging, kafkaProperties, kafkaUsers, renderProperties } from './kafka-config.js';
import { healthy, unhealthy, type Server, type Site } from './server.js';

const dataOf = (site: Site, node: KafkaNode): string => join(site.paths.data, node);

/** The id of the cluster whose data is here, or a new one for all nodes. */
const clusterId = (site: Pick<Site, 'paths'>): string => {
  const file = join(site.paths.data, 'kafka-cluster-id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  // Kafka's tools read a leading dash as an option.
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  writeFileSync(file, `${id}\n`);
  return id;
};

/** Formats a node's storage, with the users that must exist before anyone can log in. */
const format = async (site: Site, node: KafkaNode, properties: string, classPath: string): Promise<void> => {
  const marker = join(dataOf(site, node), '.formatted');
  if (existsSync(marker)) return;
  rmSync(dataOf(site, node), { recursive: true, force: true });
  mkdirSync(dataOf(site, node), { recursive: true, mode: 0o700 });
  const scram = (name: string, password: string): string[] => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ];
  // The tool reads its arguments from a file: passwords must not be seen in the list of processes.
  const argumentsFile = join(site.paths.run, node, 'format.args');
  const args = [
    'format',
    ...['--config', properties, '--cluster-id', clusterId(site)],
    ...scram(kafkaUsers.admin, site.secrets.kafkaAdmin),
    ...scram(kafkaUsers.broker, site.secrets.kafkaBroker),
  ];
  replaceFile(argumentsFile, `${args.join('\n')}\n`);
  const result = await run(site.software.java ?? 'java', [
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    `@${classPath}`,
    'kafka.tools.StorageTool',
    `@${argumentsFile}`,
  ]);
  rmSync(argumentsFile);
  if (result.code !== 0) {
    throw new PlatformError(
      'start-failed',
      `Kafka's storage tool could not format ${dataOf(site, node)}:\n${lastWords(result)}`,
    );
  }
  writeFileSync(marker, '');
};

/** One combined broker and controller. */
export const kafkaServer = (site: Site, node: KafkaNode): Server => {
  const folder = join(site.paths.run, node);
  const properties = join(folder, 'server.properties');
  const classPath = join(folder, 'class-path.args');
  const logging = join(folder, 'log4j2.properties');
  const client = portOf(site.ports, node, 'client');
  // Each node loads the same classes: one records them for all.
  const recorder = node === kafkaNodes[0] ? String(process.pid) : undefined;
  let records = false;
  return {
    name: node,
    after: [],
    stopSignal: 'SIGTERM',
    // The node that records writes its archive only after an orderly end, and that takes a majority.
    stopsAfter: () => (recorder === undefined && site.java?.kafkaClasses.isMissing() ? [kafkaNodes[0]] : []),
    get stopWithin() {
      if (records) return 40_000;
      // When all nodes stop, the last one may find no majority to hand its leadership to and would wait for minutes.
      return site.runningBrokers() === 0 ? 4000 : 10_000;
    },
    // The last controller waits five seconds for a successor; when all nodes stop there is none.
    settledOnDisk: () =>
      !records && site.runningBrokers() === 0 && existsSync(join(dataOf(site, node), '.kafka_cleanshutdown')),
    prepare: async () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const passwords = { broker: site.secrets.kafkaBroker, controller: site.secrets.kafkaController };
      replaceFile(
        properties,
        renderProperties(
          kafkaProperties({ node, ports: site.ports, dataFolder: dataOf(site, node), passwords }),
        ),
      );
      replaceFile(classPath, `-cp\n"${site.java?.kafkaClassPath.join(':')}"\n`);
      replaceFile(logging, kafkaLogging);
      await format(site, node, properties, classPath);
    },
    launch: () => {
      records = recorder !== undefined && (site.java?.kafkaClasses.isMissing() ?? false);
      return {
        command: site.software.java ?? 'java',
        args: [
          ...['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'],
          ...['-Djava.awt.headless=true', `-Dlog4j2.configurationFile=${logging}`],
          ...(site.java?.kafkaClasses.options(recorder) ?? []),
          ...[`@${classPath}`, 'kafka.Kafka', properties],
        ],
        cwd: folder,
        deathSignal: 'KILL',
      };
    },
    check: async () => {
      if (!(await acceptsConnections(client)))
        return unhealthy(`nothing accepts connections on 127.0.0.1:${client}`);
      const { brokers } = await site.kafka.describe({
        ...site.connections.kafka,
        brokers: [`127.0.0.1:${client}`],
      });
      const expected = site.runningBrokers();
      return brokers >= expected ? healthy : unhealthy(`it knows ${brokers} of ${expected} brokers`);
    },
    ended: (graceful) => {
      if (graceful && recorder !== undefined) site.java?.kafkaClasses.adopt(recorder);
    },
  };
};
