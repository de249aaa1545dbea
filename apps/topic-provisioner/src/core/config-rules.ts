import type { ChangeClass } from './types.js';

/** What a rule says of one config change. */
export interface Judgement {
  readonly class: ChangeClass;
  readonly reason: string;
}

/** Configs of which a smaller number keeps less or protects less; -1 means "no limit" and is the largest. */
const losesWhenLowered = new Set([
  'retention.ms',
  'retention.bytes',
  'local.retention.ms',
  'local.retention.bytes',
  'min.insync.replicas',
  'delete.retention.ms',
  'file.delete.delay.ms',
  'min.compaction.lag.ms',
  'max.compaction.lag.ms',
  'max.message.bytes',
]);

/** Positions of a switch that may lose records. */
const losesWhen: Readonly<Record<string, string>> = {
  'unclean.leader.election.enable': 'true',
  'remote.log.delete.on.disable': 'true',
  'remote.storage.enable': 'false',
  'remote.log.copy.disable': 'true',
};

/** Configs that change how records are stored, batched or cleaned up, and keep all of them. */
const harmless = new Set([
  'compression.gzip.level',
  'compression.lz4.level',
  'compression.type',
  'compression.zstd.level',
  'flush.messages',
  'flush.ms',
  'index.interval.bytes',
  'message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.type',
  'min.cleanable.dirty.ratio',
  'preallocate',
  'segment.bytes',
  'segment.index.bytes',
  'segment.jitter.ms',
  'segment.ms',
]);

const magnitude = (value: string): number => (value === '-1' ? Infinity : Number(value));

/**
 * Judges a config change of a topic that stands. `hasData`: whether the topic holds records, undefined when nobody looked.
 * Semantics of the configs: Kafka's documentation, "Topic Configs".
 */
export const judgeConfig = (
  config: string,
  before: string | null,
  after: string,
  hasData: boolean | undefined,
): Judgement => {
  if (before === null) return { class: 'unknown', reason: 'the broker does not show a value of it' };
  if (config === 'cleanup.policy') {
    return hasData === false
      ? { class: 'unsafe', reason: 'another cleanup policy; the topic holds no record now' }
      : { class: 'destructive', reason: 'another cleanup policy removes records that are kept today' };
  }
  if (losesWhenLowered.has(config)) {
    return magnitude(after) < magnitude(before)
      ? { class: 'unsafe', reason: 'a lower value keeps or protects less than today' }
      : { class: 'safe', reason: 'a higher value keeps or protects more than today' };
  }
  if (config in losesWhen) {
    return losesWhen[config] === after
      ? { class: 'unsafe', reason: 'records that are kept today may be lost' }
      : { class: 'safe', reason: 'records are kept better than today' };
  }
  return harmless.has(config)
    ? { class: 'safe', reason: 'no record is lost by it' }
    : { class: 'unknown', reason: 'no rule says what this config does to the records' };
};

/** Kafka takes a cleanup policy as a set: its order says nothing. */
export const sameValue = (config: string, before: string | null | undefined, after: string): boolean =>
  before === after ||
  (config === 'cleanup.policy' && before?.split(',').sort().join() === after.split(',').sort().join());

/** Retention that a topic without a limit is taken to have, in multiples of what it shall have. */
const unlimitedAsMultiple = 8;

/**
 * The value of a lowered retention that one apply may set: at most half of it goes, so that segments are deleted in
 * portions and whoever misses a record can say so in between. Any other change goes all the way.
 */
export const retentionStep = (config: string, before: string | null, after: string): string => {
  if ((config !== 'retention.ms' && config !== 'retention.bytes') || before === null) return after;
  const target = magnitude(after);
  const from = before === '-1' ? target * unlimitedAsMultiple : Number(before);
  const half = Math.floor(from / 2);
  return Number.isFinite(target) && target > 0 && half > target ? String(half) : after;
};
