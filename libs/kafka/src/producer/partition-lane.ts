import type { IHeaders, Message, Producer } from 'kafkajs';
import { KafkaError, messageOf } from '../errors.js';

/** One encoded event that waits for its acknowledgement. */
export interface PendingRecord {
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  /** Milliseconds since the epoch, fixed at `send`, so that a retry repeats the same bytes. */
  readonly timestamp: string;
  readonly bytes: number;
  /** Monotonic milliseconds by which the broker must have acknowledged. */
  readonly deadline: number;
  readonly resolve: (offset: bigint) => void;
  readonly reject: (error: KafkaError) => void;
}

/** The idempotent sessions that batches are sent on. */
export interface Sessions {
  /** The session of the day; it stays connected until it is released as often as it was acquired. */
  acquire(): Promise<Producer>;
  release(producer: Producer): void;
  /** No new batch goes out on this session: its next sequence number may already be taken. */
  retire(producer: Producer): void;
}

export interface LaneLimits {
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  readonly retryMs: number;
}

/** Errors after which the broker has certainly not stored the batch, and would refuse it again. */
const refusals = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'MESSAGE_TOO_LARGE',
  'INVALID_RECORD',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'INVALID_TOPIC_EXCEPTION',
  'POLICY_VIOLATION',
]);

/** Errors that void the session's sequence numbers; the batch was not stored and goes out again on a new one. */
const lostSession = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
]);

const typeOf = (error: unknown): string | undefined => {
  for (let e = error as { type?: string; cause?: unknown } | undefined; e; e = e.cause as typeof e) {
    if (e.type) return e.type;
  }
  return undefined;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The records of one partition, in order, one batch in flight. One partition per request keeps a retry
 * safe: kafkajs numbers batches per partition, and a request that spans several is neither acknowledged
 * nor refused as a whole. While a batch is in flight the next one fills up.
 */
export class PartitionLane {
  #queue: PendingRecord[] = [];
  #running: Promise<void> | undefined;

  constructor(
    private readonly topic: string,
    private readonly partition: number,
    private readonly sessions: Sessions,
    private readonly limits: LaneLimits,
    private readonly now: () => number,
  ) {}

  push(record: PendingRecord): void {
    this.#queue.push(record);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when everything pushed so far is acknowledged or rejected. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Records that are pushed in the same turn of the event loop go out together.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#deliver(this.#take());
  }

  #take(): PendingRecord[] {
    const { maxBatchRecords, maxBatchBytes } = this.limits;
    let bytes = 0;
    let count = 0;
    for (const record of this.#queue) {
      if (count > 0 && (count >= maxBatchRecords || bytes + record.bytes > maxBatchBytes)) break;
      bytes += record.bytes;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #deliver(batch: readonly PendingRecord[]): Promise<void> {
    const deadline = Math.min(...batch.map((record) => record.deadline));
    const messages = batch.map(({ key, value, headers, timestamp }): Message => ({
      key,
      value,
      headers,
      timestamp,
      partition: this.partition,
    }));
    // Once a batch may have been stored, only the very same batch on the same session is safe to send.
    let session: Producer | undefined;
    try {
      for (;;) {
        try {
          session ??= await this.sessions.acquire();
          const [answer] = await session.send({ topic: this.topic, acks: -1, messages });
          const base = BigInt(answer?.baseOffset ?? -1);
          batch.forEach((record, index) => record.resolve(base + BigInt(index)));
          return;
        } catch (error) {
          const type = typeOf(error) ?? '';
          if (refusals.has(type)) return this.#reject(batch, 'DELIVERY_REFUSED', error);
          const late = this.now() >= deadline;
          if (session && (late || lostSession.has(type))) {
            this.sessions.retire(session);
            this.sessions.release(session);
            session = undefined;
          }
          if (late) return this.#reject(batch, 'DELIVERY_TIMEOUT', error);
        }
        await pause(this.limits.retryMs);
      }
    } finally {
      if (session) this.sessions.release(session);
    }
  }

  #reject(
    batch: readonly PendingRecord[],
    code: 'DELIVERY_REFUSED' | 'DELIVERY_TIMEOUT',
    cause: unknown,
  ): void {
    const where = `${this.topic}[${this.partition}]`;
    const message =
      code === 'DELIVERY_REFUSED'
        ? `${where} refused ${batch.length} event(s): ${messageOf(cause)}`
        : `${where} did not acknowledge ${batch.length} event(s) before the deadline; they may or may not be stored: ${messageOf(cause)}`;
    const error = new KafkaError(code, message, { cause, transient: code === 'DELIVERY_TIMEOUT' });
    for (const record of batch) record.reject(error);
  }
}
