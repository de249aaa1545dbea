/** The three combined Kafka nodes, by node id − 1. */
export const kafkaNodes = ['kafka-1', 'kafka-2', 'kafka-3'] as const;

/** Every server of the platform, in the order a person wants to read them. */
export const serverNames = [
  ...kafkaNodes,
  'registry',
  'postgres',
  'redis',
  'prometheus',
  'alertmanager',
] as const;

export type KafkaNode = (typeof kafkaNodes)[number];
export type ServerName = (typeof serverNames)[number];

/** A port of each listener, by server and listener name. */
export type Ports = Record<ServerName, Record<string, number>>;

export const isServerName = (text: string): text is ServerName =>
  (serverNames as readonly string[]).includes(text);
export const isKafkaNode = (name: ServerName): name is KafkaNode =>
  (kafkaNodes as readonly string[]).includes(name);

/** The port of one listener. */
export const portOf = (ports: Ports, server: ServerName, listener: string): number => {
  const port = ports[server][listener];
  if (port === undefined) throw new Error(`no port for ${server}.${listener} in tools/platform/ports.json`);
  return port;
};
