import type { Acl, ConfigEntry } from '@soma/kafka';
import type { TopicFacts } from '../src/core/adopt-facts.js';

/** A config that a topic sets itself. */
export const override = (name: string, value: string | null): ConfigEntry => ({
  name,
  value,
  overridden: true,
  sensitive: false,
});

/** A right on a topic. */
export const acl = (resourceName: string, more: Partial<Acl> = {}): Acl => ({
  resourceType: 'TOPIC',
  resourceName,
  patternType: 'LITERAL',
  principal: 'User:shop',
  host: '*',
  operation: 'WRITE',
  permission: 'ALLOW',
  ...more,
});

/** A topic that stands and that nobody declared. */
export const undeclared = (more: Partial<TopicFacts> = {}): TopicFacts => ({
  topic: 'orders.created',
  squad: 'infra-ops',
  partitions: 3,
  replicas: { fewest: 2, most: 2 },
  configs: [],
  acls: [],
  wider: [],
  groups: [],
  ...more,
});

/** A record as somebody registered it who knew no rule of the catalogue. */
export const handMade = JSON.stringify({
  type: 'record',
  name: 'Order',
  namespace: 'com.acme',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'nanoseconds' } },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'SHUT'] } },
    { name: 'amount', type: ['int', 'double'] },
  ],
});

/** Files of a catalogue without a topic. */
export const emptyCatalogue = [
  {
    path: 'environments/local.yaml',
    text:
      'environment: local\ndescription: Tests.\nkafka: { tls: false }\n' +
      'defaults:\n  replicationFactor: 3\n  config: { segment.bytes: 64MiB, min.insync.replicas: 2 }\n',
  },
];
