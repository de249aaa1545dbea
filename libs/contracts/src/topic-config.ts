import { durationForm, formatDuration, formatSize, parseDuration, parseSize, sizeForm } from './quantity.js';

type Kind = 'duration' | 'size' | 'count' | 'ratio' | 'boolean' | readonly string[];

const flag = 'boolean';
const kinds: Readonly<Record<string, Kind>> = {
  'cleanup.policy': ['delete', 'compact', 'compact,delete', 'delete,compact'],
  'compression.gzip.level': 'count',
  'compression.lz4.level': 'count',
  'compression.type': ['producer', 'uncompressed', 'zstd', 'lz4', 'snappy', 'gzip'],
  'compression.zstd.level': 'count',
  'delete.retention.ms': 'duration',
  'file.delete.delay.ms': 'duration',
  'flush.messages': 'count',
  'flush.ms': 'duration',
  'index.interval.bytes': 'size',
  'local.retention.bytes': 'size',
  'local.retention.ms': 'duration',
  'max.compaction.lag.ms': 'duration',
  'max.message.bytes': 'size',
  'message.timestamp.after.max.ms': 'duration',
  'message.timestamp.before.max.ms': 'duration',
  'message.timestamp.type': ['CreateTime', 'LogAppendTime'],
  'min.cleanable.dirty.ratio': 'ratio',
  'min.compaction.lag.ms': 'duration',
  'min.insync.replicas': 'count',
  preallocate: flag,
  'remote.log.copy.disable': flag,
  'remote.log.delete.on.disable': flag,
  'remote.storage.enable': flag,
  'retention.bytes': 'size',
  'retention.ms': 'duration',
  'segment.bytes': 'size',
  'segment.index.bytes': 'size',
  'segment.jitter.ms': 'duration',
  'segment.ms': 'duration',
  'unclean.leader.election.enable': flag,
};

/** The topic configurations of Kafka 4 that a spec may set, by the broker's names. */
export const topicConfigNames: readonly string[] = Object.keys(kinds);

/** The broker's form of a value, or what would have been allowed. */
export type ConfigValue =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly allowed: string };

const accept = (value: string | number | undefined, allowed: string): ConfigValue =>
  value === undefined ? { ok: false, allowed } : { ok: true, value: String(value) };

const when = (holds: boolean, value: string): string | undefined => (holds ? value : undefined);

/**
 * Turns the value of a topic configuration, as people write it, into what the broker stores: `7d` → `604800000`, `true` → `true`.
 * Fails for a name that is no topic configuration and for a value that does not fit its name.
 */
export const canonicalConfig = (name: string, value: string | number | boolean): ConfigValue => {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  const text = String(value);
  if (kind === undefined) return { ok: false, allowed: topicConfigNames.join(', ') };
  if (typeof kind === 'object') return accept(when(kind.includes(text), text), kind.join(' | '));
  switch (kind) {
    case 'duration':
      return accept(parseDuration(text), durationForm);
    case 'size':
      return accept(parseSize(text), sizeForm);
    case 'count':
      return accept(when(/^-?\d+$/.test(text), text), 'a whole number');
    case 'ratio':
      return accept(when(/^(0(\.\d+)?|1(\.0+)?)$/.test(text), text), 'a number from 0 to 1');
    case 'boolean':
      return accept(when(text === 'true' || text === 'false', text), 'true | false');
  }
};

/** What people read for a broker's value: `retention.ms` 604800000 → `7d`; other values as they are. */
export const formatConfig = (name: string, value: string): string => {
  if (kinds[name] === 'duration') return formatDuration(Number(value));
  return kinds[name] === 'size' ? formatSize(Number(value)) : value;
};
