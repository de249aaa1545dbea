import type { Logger } from 'pino';
import kafkajs from 'kafkajs';
import type { IHeaders, Kafka, PartitionMetadata } from 'kafkajs';
import { eventKey, type EventInput, type TopicName } from '@soma/contracts';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { KafkaSettings } from '../config.js';
import { createClient } from '../client.js';
import { KafkaError, messageOf } from '../errors.js';
import { cloudEventHeaders } from '../headers.js';
import type { EventSerde } from '../serde/serde.js';
import { PartitionLane, type PendingRecord } from './partition-lane.js';
import { ProducerSessions } from './sessions.js';

const tracer = trace.getTracer('@soma/kafka');
const defaultDeadlineMs = 30_000;
const metadataTtlMs = 300_000;
/** Bytes that may wait for acknowledgements before `send` waits, too. */
const maxPendingBytes = 32 * 1024 * 1024;
const limits = { maxBatchRecords: 10_000, maxBatchBytes: 900_000, retryMs: 100 };

export interface ProducerOptions {
  /** The service's name: client id, and `ce_source` of its events. */
  readonly service: string;
  readonly serde: EventSerde;
  readonly logger: Logger;
}

export interface SendOptions {
  /** How long an event may wait for its acknowledgement, in milliseconds; 30,000 unless told. */
  readonly deadlineMs?: number;
  /** CloudEvents id: give the same one again when the same event is sent again. */
  readonly id?: string;
  readonly headers?: IHeaders;
}

/** Where an acknowledged event stands. */
export interface Delivered {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

interface Lanes {
  readonly lanes: readonly PartitionLane[];
  /** What the partitioner asks for; it spreads keys over the number of partitions alone. */
  readonly partitions: PartitionMetadata[];
}

interface KnownTopic {
  lanes: Promise<Lanes>;
  /** Monotonic milliseconds after which the number of partitions is asked for again. */
  expires: number;
}

const partitionMetadata = (_: unknown, partitionId: number): PartitionMetadata => ({
  partitionId,
  partitionErrorCode: 0,
  leader: 0,
  replicas: [],
  isr: [],
});

/**
 * Sends typed events so that each acknowledged one stands in the log exactly once and in order per key,
 * through leader changes and broker deaths: idempotent, all in-sync replicas, retried until its deadline.
 */
export class EventProducer {
  readonly #kafka: Kafka;
  readonly #topics = new Map<string, KnownTopic>();
  readonly #sessions: ProducerSessions;
  #pendingBytes = 0;
  #room: (() => void)[] = [];
  #open = true;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly options: ProducerOptions,
  ) {
    this.#kafka = createClient(settings, {
      clientId: options.service,
      logger: options.logger,
      // A broker that hangs is left behind after this: its batch goes to the new leader.
      requestTimeoutMs: 5_000,
      // Short rounds: the lane repeats them until the deadline and looks at the clock in between.
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 8 },
    });
    this.#sessions = new ProducerSessions(this.#kafka);
  }

  /**
   * Sends one event; resolves when the brokers have it. Throws `EventInvalidError` before anything is sent,
   * `DELIVERY_REFUSED` when the brokers will not take it, `DELIVERY_TIMEOUT` when its deadline passed.
   */
  async send<T extends TopicName>(
    topic: T,
    event: EventInput<T>,
    options: SendOptions = {},
  ): Promise<Delivered> {
    const encoder = await this.options.serde.encoder(topic);
    const key = eventKey(topic, event);
    const value = encoder.encode(event);
    const headers = { ...cloudEventHeaders(this.#attributes(topic, key, options)), ...options.headers };
    return this.#traced(topic, headers, () =>
      this.sendRaw({ topic: this.settings.topicPrefix + topic, key, value, headers }, options.deadlineMs),
    );
  }

  /** Sends bytes as they are to a physical topic: for dead letters, and for tests of poison. */
  async sendRaw(
    record: {
      topic: string;
      key: Buffer | string | null;
      value: Buffer | null;
      headers?: IHeaders;
      partition?: number;
    },
    deadlineMs = defaultDeadlineMs,
  ): Promise<Delivered> {
    const { topic, key, value, headers = {} } = record;
    const deadline = performance.now() + deadlineMs;
    const { lanes, partitions } = await this.#lanes(topic, deadline);
    const bytes = (value?.length ?? 0) + (key?.length ?? 0) + 200;
    while (this.#pendingBytes > maxPendingBytes)
      await new Promise<void>((resolve) => this.#room.push(resolve));
    if (!this.#open)
      throw new KafkaError('PRODUCER_CLOSED', `the producer of ${this.options.service} is closed`);
    const message = { key, value: null, headers };
    const partition =
      record.partition ?? this.#partitioner({ topic, partitionMetadata: partitions, message });
    const lane = lanes[partition];
    if (!lane) throw new KafkaError('DELIVERY_REFUSED', `${topic} has no partition ${partition}`);
    this.#pendingBytes += bytes;
    try {
      const offset = await new Promise<bigint>((resolve, reject) => {
        const pending: PendingRecord = {
          key,
          value,
          headers,
          timestamp: `${Date.now()}`,
          bytes,
          deadline,
          resolve,
          reject,
        };
        lane.push(pending);
      });
      return { topic, partition, offset };
    } finally {
      this.#pendingBytes -= bytes;
      this.#room.splice(0).forEach((wake) => wake());
    }
  }

  /** Waits for what is in flight, then disconnects; `send` fails with `PRODUCER_CLOSED` afterwards. */
  async close(): Promise<void> {
    this.#open = false;
    for (const topic of this.#topics.values()) {
      const known = await topic.lanes.catch(() => undefined);
      await Promise.all(known?.lanes.map((lane) => lane.drained()) ?? []);
    }
    await this.#sessions.close();
  }

  #attributes(topic: TopicName, key: string, { id }: SendOptions) {
    const source = `/soma/${this.options.service}`;
    return { ...(id !== undefined && { id }), source, type: `com.somastack.${topic}`, subject: key };
  }

  readonly #partitioner = kafkajs.Partitioners.DefaultPartitioner();

  // No await before the look-up: all callers of one moment must get the same lanes, or their order is lost.
  #lanes(topic: string, deadline: number): Promise<Lanes> {
    const known = this.#topics.get(topic);
    if (known) {
      if (known.expires < performance.now()) this.#refresh(topic, known);
      return known.lanes;
    }
    const lanes = this.#load(topic, deadline, []);
    const entry: KnownTopic = { lanes, expires: Infinity };
    this.#topics.set(topic, entry);
    lanes.then(
      () => (entry.expires = performance.now() + metadataTtlMs),
      () => this.#topics.delete(topic),
    );
    return lanes;
  }

  // Sends go on with the partitions that are known; new ones are used once they have been seen.
  #refresh(topic: string, known: KnownTopic): void {
    known.expires = performance.now() + metadataTtlMs;
    known.lanes
      .then(({ lanes }) => this.#load(topic, performance.now(), lanes))
      .then((lanes) => (known.lanes = Promise.resolve(lanes)))
      .catch((error: unknown) => this.options.logger.warn({ err: error, topic }, 'no fresh metadata'));
  }

  // Existing lanes stay: their queues hold records whose order must not change when partitions are added.
  async #load(topic: string, deadline: number, existing: readonly PartitionLane[]): Promise<Lanes> {
    const admin = this.#kafka.admin();
    for (;;) {
      try {
        await admin.connect();
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        const count = topics[0]?.partitions.length ?? 0;
        const lanes = Array.from(
          { length: Math.max(count, existing.length) },
          (_, partition) =>
            existing[partition] ??
            new PartitionLane(topic, partition, this.#sessions, limits, () => performance.now()),
        );
        return { lanes, partitions: lanes.map(partitionMetadata) };
      } catch (error) {
        const type = (error as { type?: string }).type;
        if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'TOPIC_AUTHORIZATION_FAILED') {
          const message = `${topic}: ${messageOf(error)} (${type}); declare it and grant it with \`npx soma topics apply\``;
          throw new KafkaError('DELIVERY_REFUSED', message, { cause: error });
        }
        if (performance.now() >= deadline) {
          const message = `no metadata of ${topic} before the deadline: ${messageOf(error)}`;
          throw new KafkaError('DELIVERY_TIMEOUT', message, { cause: error, transient: true });
        }
        await new Promise((resolve) => setTimeout(resolve, limits.retryMs));
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    }
  }

  #traced(topic: string, headers: IHeaders, send: () => Promise<Delivered>): Promise<Delivered> {
    const span = tracer.startSpan(`send ${topic}`, {
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.type': 'send',
        'messaging.operation.name': 'send',
        'messaging.destination.name': topic,
      },
    });
    propagation.inject(trace.setSpan(context.active(), span), headers);
    return send()
      .then((delivered) => {
        span.setAttribute('messaging.destination.partition.id', String(delivered.partition));
        span.setAttribute('messaging.kafka.offset', Number(delivered.offset));
        return delivered;
      })
      .catch((error: unknown) => {
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
        throw error;
      })
      .finally(() => span.end());
  }
}
