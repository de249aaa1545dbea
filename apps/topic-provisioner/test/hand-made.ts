import type { CompatibilityLevel } from '@soma/contracts';
import type { Acl, NewTopic } from '@soma/kafka';
import { acl } from './undeclared.js';

const oddConfigs: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'cleanup.policy': 'compact' },
  { 'cleanup.policy': 'compact,delete', 'retention.ms': '12345678' },
  { 'retention.ms': '-1', 'retention.bytes': '1073741823' },
  { 'retention.ms': '604800000', 'segment.bytes': '67108864' },
  { 'segment.bytes': '1048577', 'segment.ms': '3600001' },
  { 'unclean.leader.election.enable': 'true', 'min.insync.replicas': '1' },
  { 'message.timestamp.type': 'LogAppendTime', 'compression.type': 'zstd' },
  { 'compression.type': 'gzip', 'compression.gzip.level': '3' },
  { 'max.message.bytes': '2097152', 'flush.messages': '9223372036854775807' },
  { 'min.cleanable.dirty.ratio': '0.01', 'cleanup.policy': 'compact', 'delete.retention.ms': '0' },
  { 'retention.ms': '9223372036854775807', preallocate: 'true' },
  { 'leader.replication.throttled.replicas': '*', 'retention.ms': '86400000' },
  { 'message.timestamp.before.max.ms': '1000', 'index.interval.bytes': '4097' },
  { 'max.compaction.lag.ms': '9223372036854775807', 'min.compaction.lag.ms': '60000' },
];

/** Thirty topics as people made them over the years. */
export const oddTopics = (prefix: string): readonly NewTopic[] =>
  Array.from({ length: 30 }, (_, index) => ({
    name: `${prefix}${['Old', 'orders', 'billing_v2', 'x-y.z'][index % 4]}.${index}`,
    partitions: [1, 2, 3, 5, 7, 11][index % 6] ?? 1,
    replicationFactor: (index % 3) + 1,
    configs: oddConfigs[index % oddConfigs.length] ?? {},
  }));

/** Rights of every kind on the first of them. */
export const oddAcls = (topics: readonly string[]): readonly Acl[] => {
  const [one = '', two = '', three = ''] = topics;
  return [
    acl(one, { principal: 'User:shop', operation: 'WRITE' }),
    acl(one, { principal: 'User:shop', operation: 'DESCRIBE' }),
    acl(one, { principal: 'User:shop', operation: 'WRITE', host: '10.0.0.7', permission: 'DENY' }),
    acl(one, { principal: 'User:ledger', operation: 'READ' }),
    acl(two, { principal: 'User:*', operation: 'ALL', host: '127.0.0.1' }),
    acl(two, { principal: 'User:CN=old app,O="Acme"', operation: 'ALTER_CONFIGS' }),
    acl(three, { principal: "User:o'hara", operation: 'DELETE', permission: 'DENY' }),
    acl(three, { principal: 'Group:ops', operation: 'DESCRIBE_CONFIGS' }),
  ];
};

const record = (name: string, ...fields: readonly object[]): string =>
  JSON.stringify({
    type: 'record',
    name,
    namespace: 'com.acme',
    fields: [{ name: 'id', type: 'string' }, ...fields],
  });

interface OddSubject {
  /** Oldest first. */
  readonly versions: readonly string[];
  /** The level under which they were registered. */
  readonly under: CompatibilityLevel;
  /** The level that somebody gave it after that. */
  readonly level?: CompatibilityLevel;
}

/** Five subjects. */
export const oddSubjects: readonly OddSubject[] = [
  {
    versions: [record('A'), record('A', { name: 'note', type: 'string', default: '' })],
    under: 'BACKWARD',
    level: 'BACKWARD',
  },
  // The newest is compatible with none before it under the level that holds now.
  {
    versions: [
      record('B'),
      record('B', { name: 'n', type: 'long' }),
      record('B', { name: 'n', type: 'long' }, { name: 'm', type: 'long' }),
    ],
    under: 'FORWARD',
    level: 'FULL_TRANSITIVE',
  },
  {
    versions: [record('Same', { name: 'a', type: 'int', doc: 'Documented.' })],
    under: 'FORWARD',
    level: 'FORWARD',
  },
  // Nobody gave it a level, and somebody registered it with spaces and another form of a number.
  {
    versions: [
      record('D'),
      `{ "type": "record",\n "name": "D", "namespace": "com.acme",\n "fields": [ {"name": "rate", "type": "double", "default": 1.0 } ] }`,
    ],
    under: 'BACKWARD',
  },
  // A type of a name that another topic has for something else, and a logical type that Avro does not know.
  {
    versions: [record('Same', { name: 'b', type: { type: 'long', logicalType: 'nanos' } })],
    under: 'FULL',
    level: 'BACKWARD_TRANSITIVE',
  },
];
