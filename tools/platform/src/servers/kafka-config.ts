import { kafkaNodes, portOf, type KafkaNode, type Ports } from '../names.js';

/** What the properties of a node are made from. */
export interface KafkaNodeConfig {
  readonly node: KafkaNode;
  readonly ports: Ports;
  readonly dataFolder: string;
  readonly passwords: { readonly broker: string; readonly controller: string };
}

/** Users of the cluster itself; `admin` is the person's and the CLI's. */
export const kafkaUsers = { admin: 'admin', broker: 'broker', controller: 'controller' } as const;

const scramLogin = (user: string, password: string): string =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`;

const plainLogin = (user: string, password: string): string =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${password}" user_${user}="${password}";`;

/** The properties of one combined node; pure. They hold passwords: the file must be owner-only. */
export const kafkaProperties = ({
  node,
  ports,
  dataFolder,
  passwords,
}: KafkaNodeConfig): Record<string, string> => {
  const at = (listener: string, name: string): string =>
    `${name}://127.0.0.1:${portOf(ports, node, listener)}`;
  const login = scramLogin(kafkaUsers.broker, passwords.broker);
  return {
    'process.roles': 'broker,controller',
    'node.id': String(kafkaNodes.indexOf(node) + 1),
    // A fixed list of voters, not a dynamic quorum: ports may change between two starts.
    'controller.quorum.voters': kafkaNodes
      .map((name, index) => `${index + 1}@127.0.0.1:${portOf(ports, name, 'controller')}`)
      .join(','),
    'log.dirs': dataFolder,

    listeners: [at('client', 'CLIENT'), at('internal', 'INTERNAL'), at('controller', 'CONTROLLER')].join(','),
    'advertised.listeners': [at('client', 'CLIENT'), at('internal', 'INTERNAL')].join(','),
    'listener.security.protocol.map':
      'CLIENT:SASL_PLAINTEXT,INTERNAL:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.client.scram-sha-512.sasl.jaas.config': login,
    'listener.name.internal.scram-sha-512.sasl.jaas.config': login,
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plainLogin(
      kafkaUsers.controller,
      passwords.controller,
    ),
    // Open connections must log in again, or a rotated password would never reach them.
    'connections.max.reauth.ms': '300000',

    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': Object.values(kafkaUsers)
      .map((user) => `User:${user}`)
      .join(';'),
    'allow.everyone.if.no.acl.found': 'false',

    'auto.create.topics.enable': 'false',
    'default.replication.factor': '3',
    'min.insync.replicas': '2',
    'num.partitions': '3',
    'unclean.leader.election.enable': 'false',
    'offsets.topic.replication.factor': '3',
    'offsets.topic.num.partitions': '6',
    'transaction.state.log.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
    'transaction.state.log.num.partitions': '6',
    'share.coordinator.state.topic.replication.factor': '3',
    'share.coordinator.state.topic.min.isr': '2',
    'share.coordinator.state.topic.num.partitions': '6',
    'group.initial.rebalance.delay.ms': '0',

    // A dead broker's partitions get a new leader after 3 s instead of 9.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '750',
    // The default of 128 MB does not fit a heap of 512 MB with many topics.
    'log.cleaner.dedupe.buffer.size': '16777216',
    'num.network.threads': '2',
    'num.io.threads': '4',
  };
};

/** A Java properties file; pure. */
export const renderProperties = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');

/** Logs to standard output, one line per event, without the dump of all settings at each start. */
export const kafkaLogging = `status = warn
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
logger.config.name = org.apache.kafka.common.config.AbstractConfig
logger.config.level = warn
logger.kafkaconfig.name = kafka.server.KafkaConfig
logger.kafkaconfig.level = warn
`;
