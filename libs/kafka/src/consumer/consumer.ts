import type { Logger } from 'pino';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { TopicName } from '@soma/contracts';
import { createClient } from '../client.js';
import type { KafkaSettings } from '../config.js';
import { KafkaError, messageOf } from '../errors.js';
import { consumerMetrics } from '../metrics.js';
import type { EventProducer } from '../producer/producer.js';
import type { EventSerde } from '../serde/serde.js';
import { BatchGuard } from './batch-guard.js';
import { BatchRun, type Handler } from './batch-run.js';
import { deadLetter } from './dead-letter.js';
import { defaultRetry, retryDelay, type RetryPolicy } from './retry.js';

/** A dead member is noticed after the session timeout; three heartbeats fit into it. */
const sessionTimeoutMs = 10_000;
const heartbeatMs = 3_000;
/** Longest time a handler may hold up a rebalance before the group goes on without this member. */
const rebalanceTimeoutMs = 60_000;
const restart: RetryPolicy = { attempts: Infinity, initialMs: 250, maxMs: 5_000 };

export interface ConsumerOptions {
  readonly service: string;
  /** Consumer group; the topic prefix is put before it. */
  readonly group: string;
  readonly serde: EventSerde;
  /** Takes the dead letters. */
  readonly producer: EventProducer;
  readonly logger: Logger;
  readonly handlers: ReadonlyMap<TopicName, Handler>;
  /** Partitions that are worked on at the same time; 4 unless told. */
  readonly partitions?: number;
  /** Handlers that run at the same time for one partition, each key in order; 8 unless told. */
  readonly lanes?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Where a new group starts: at the oldest event (true, the default) or at the newest. */
  readonly fromBeginning?: boolean;
  /** Largest fetch per partition in bytes; 1 MiB unless told. */
  readonly maxBytesPerPartition?: number;
}

/**
 * Consumes typed events: at least once, in order per key, poison to the dead-letter topic, offsets
 * committed only behind finished handlers. Comes back by itself after whatever the cluster does.
 */
export class EventConsumer {
  readonly #kafka: Kafka;
  readonly #retry: RetryPolicy;
  readonly #topics: ReadonlyMap<string, TopicName>;
  readonly #guards = new Set<BatchGuard>();
  readonly #blocked = new Map<string, string>();
  #consumer: Consumer | undefined;
  #joined = false;
  #lastError = 'has not joined its group yet';
  #stopping = false;
  #crashed: (() => void) | undefined;
  #supervisor: Promise<void> | undefined;
  #paused = false;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly options: ConsumerOptions,
  ) {
    const { service, logger } = options;
    this.#kafka = createClient(settings, {
      clientId: service,
      logger,
      // Short rounds: the supervisor starts a new consumer when kafkajs gives up, as often as it takes.
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        retries: 8,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    this.#retry = { ...defaultRetry, ...options.retry };
    this.#topics = new Map(
      [...options.handlers.keys()].map((topic) => [settings.topicPrefix + topic, topic]),
    );
  }

  get group(): string {
    return this.settings.topicPrefix + this.options.group;
  }

  /** Starts consuming and returns at once: a cluster that is away is waited for, and `health` says so. */
  start(): void {
    this.#supervisor ??= this.#supervise();
  }

  /** Lets handlers in flight finish, commits what is done, leaves the group. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#joined = false;
    this.#lastError = 'is stopped';
    for (const guard of this.#guards) guard.stop();
    this.#crashed?.();
    await this.#supervisor;
  }

  /** Stops fetching; handlers in flight go on. Membership is kept. */
  pause(): void {
    this.#paused = true;
    this.#consumer?.pause([...this.#topics.keys()].map((topic) => ({ topic })));
  }

  resume(): void {
    this.#paused = false;
    this.#consumer?.resume([...this.#topics.keys()].map((topic) => ({ topic })));
  }

  /** Throws when this member is not part of its group, or when a partition waits for something to come back. */
  health(): Promise<void> {
    const trouble = this.#joined ? [...this.#blocked.values()][0] : this.#lastError;
    if (trouble === undefined) return Promise.resolve();
    const message = `consumer group ${this.group}: ${trouble}`;
    return Promise.reject(new KafkaError('CLUSTER_UNREACHABLE', message, { transient: true }));
  }

  async #supervise(): Promise<void> {
    for (let attempt = 1; !this.#stopping; attempt += 1) {
      try {
        await this.#consume(() => (attempt = 1));
      } catch (error) {
        this.#joined = false;
        this.#lastError = messageOf(error);
        const delay = retryDelay(attempt, restart, Math.random());
        this.options.logger.warn(
          { group: this.group, err: error, delay },
          'consumer stopped, starting a new one',
        );
        if (!this.#stopping) await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }

  /** Runs one kafkajs consumer until it crashes (throws) or is stopped (returns). */
  async #consume(onJoin: () => void): Promise<void> {
    const consumer = this.#kafka.consumer({
      groupId: this.group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      allowAutoTopicCreation: false,
      maxBytesPerPartition: this.options.maxBytesPerPartition ?? 1_048_576,
      maxWaitTimeInMs: 500,
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        retries: 8,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    this.#consumer = consumer;
    try {
      const ended = new Promise<void>((resolve, reject) => {
        this.#crashed = resolve;
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      });
      // Its rejection is awaited below; until then nobody listens.
      ended.catch(() => undefined);
      consumer.on(consumer.events.GROUP_JOIN, () => {
        this.#joined = true;
        onJoin();
      });
      consumer.on(consumer.events.REBALANCING, () => {
        this.#joined = false;
        this.#lastError = 'is rebalancing';
      });
      await consumer.connect();
      await consumer.subscribe({
        topics: [...this.#topics.keys()],
        fromBeginning: this.options.fromBeginning ?? true,
      });
      if (this.#stopping) return;
      await consumer.run({
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.options.partitions ?? 4,
        eachBatch: (payload) => this.#eachBatch(payload),
      });
      if (this.#paused) this.pause();
      await ended;
    } finally {
      this.#joined = false;
      this.#consumer = undefined;
      await consumer.disconnect().catch(() => undefined);
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const topic = this.#topics.get(batch.topic);
    const handler = topic && this.options.handlers.get(topic);
    if (!topic || !handler) return;
    const { messages, partition } = batch;
    const place = `${batch.topic}[${partition}]`;
    const resolve = (): void => {
      const last = run.progress.advance();
      if (last !== undefined) payload.resolveOffset((messages[last] as KafkaMessage).offset);
    };
    const guard = new BatchGuard(payload, heartbeatMs, async () => {
      resolve();
      await payload.commitOffsetsIfNecessary();
    });
    const run: BatchRun = new BatchRun({
      topic,
      physicalTopic: batch.topic,
      partition,
      messages,
      decoder: this.options.serde.decoder(topic),
      handler,
      lanes: this.options.lanes ?? 8,
      retry: this.#retry,
      guard,
      random: Math.random,
      bury: (message, error, attempts) => this.#bury(message, batch.topic, partition, error, attempts),
      onRetry: (message, error, attempt, delay) => {
        this.#blocked.set(place, `${place} at offset ${message.offset} waits: ${messageOf(error)}`);
        this.options.logger.warn(
          { topic: batch.topic, partition, offset: message.offset, attempt, delay, err: error },
          'retrying',
        );
      },
    });
    this.#guards.add(guard);
    try {
      await run.run();
    } finally {
      guard.close();
      this.#guards.delete(guard);
      if (run.progress.complete || guard.stopped) this.#blocked.delete(place);
      resolve();
      this.#measure(topic, batch.topic, partition, batch.highWatermark, messages, run);
    }
    // kafkajs commits what was resolved, then sees the failed heartbeat and joins the group again.
    if (guard.failure !== undefined) throw guard.failure as Error;
  }

  async #bury(
    message: KafkaMessage,
    physicalTopic: string,
    partition: number,
    error: unknown,
    attempts: number,
  ) {
    const failure = { physicalTopic, partition, group: this.group, attempts, error, at: new Date() };
    await this.options.producer.sendRaw(deadLetter(message, failure));
    const { offset } = message;
    this.options.logger.error(
      { topic: physicalTopic, partition, offset, err: error },
      'event moved to the dead-letter topic',
    );
  }

  #measure(
    topic: TopicName,
    physicalTopic: string,
    partition: number,
    highWatermark: string,
    messages: readonly KafkaMessage[],
    { counts }: BatchRun,
  ): void {
    const metrics = consumerMetrics();
    const { group } = this;
    for (const [outcome, count] of Object.entries<number>({ ...counts })) {
      if (count > 0) metrics.events.inc({ topic, group, outcome }, count);
    }
    const last = messages.at(-1);
    if (last)
      metrics.lag.set(
        { topic: physicalTopic, partition, group },
        Number(BigInt(highWatermark) - 1n - BigInt(last.offset)),
      );
  }
}
