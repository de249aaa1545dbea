import type { KafkaMessage } from 'kafkajs';
import type { EventOf, TopicName } from '@soma/contracts';
import { isTransient, messageOf } from '../errors.js';
import type { Decoder } from '../serde/decoder.js';
import type { BatchGuard } from './batch-guard.js';
import { spread } from './lanes.js';
import { Progress } from './progress.js';
import { ReceivedEvent } from './received-event.js';
import { retryDelay, type RetryPolicy } from './retry.js';
import { traced } from './tracing.js';

/** What a subscriber does with its events: one at a time, or many in one call. */
export type Handler<T extends TopicName = TopicName> =
  | { readonly kind: 'event'; handle(event: ReceivedEvent<T>): unknown }
  | {
      readonly kind: 'batch';
      readonly maxEvents: number;
      handle(events: readonly ReceivedEvent<T>[]): unknown;
    };

/** Counts of one batch, for metrics. */
export interface BatchCounts {
  handled: number;
  retried: number;
  deadLettered: number;
}

export interface BatchContext {
  readonly topic: TopicName;
  readonly physicalTopic: string;
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
  readonly decoder: Decoder;
  readonly handler: Handler;
  readonly lanes: number;
  readonly retry: RetryPolicy;
  readonly guard: BatchGuard;
  readonly random: () => number;
  /** Puts a record on the dead-letter topic; resolves when the brokers have it. */
  bury(message: KafkaMessage, error: unknown, attempts: number): Promise<void>;
  /** Told before each wait, so that a handler that keeps failing is seen. */
  onRetry(message: KafkaMessage, error: unknown, attempt: number, delayMs: number): void;
}

/** True when the work is done (handled or buried), false when the batch was stopped before. */
type Done = boolean;

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';

/** One batch of one partition on its way through the handler. */
export class BatchRun {
  readonly progress: Progress;
  readonly counts: BatchCounts = { handled: 0, retried: 0, deadLettered: 0 };

  constructor(private readonly context: BatchContext) {
    this.progress = new Progress(context.messages.length);
  }

  /** Resolves when every record is done or the guard stopped the run; in-flight handlers are waited for. */
  async run(): Promise<void> {
    const { handler, messages, lanes } = this.context;
    if (handler.kind === 'batch') return this.#runChunks(handler.maxEvents);
    const buckets = spread(
      messages.map(({ key }) => key),
      lanes,
    );
    await Promise.all(buckets.map((bucket) => this.#runLane(bucket)));
  }

  async #runLane(indices: readonly number[]): Promise<void> {
    for (const index of indices) {
      if (this.context.guard.stopped) return;
      const result = this.#handleOne(index);
      // Most handlers and all cached decodes are synchronous: no promise, no turn of the event loop for those.
      const done = isPromise(result) ? await result : result;
      if (!done) return;
      this.progress.done(index);
    }
  }

  #handleOne(index: number): Done | Promise<Done> {
    let event: ReceivedEvent;
    const message = this.#message(index);
    try {
      const value = this.context.decoder.decode(message.value);
      if (isPromise(value)) return this.#handleLater(index, value);
      event = this.#event(message, value);
      const result = this.#call([event]);
      if (isPromise(result)) {
        return result.then(
          () => this.#handled(1),
          (error: unknown) => this.#recover([index], error, 1),
        );
      }
      return this.#handled(1);
    } catch (error) {
      return this.#recover([index], error, 1);
    }
  }

  async #handleLater(index: number, value: Promise<unknown>): Promise<Done> {
    try {
      await this.#call([this.#event(this.#message(index), await value)]);
      return this.#handled(1);
    } catch (error) {
      return this.#recover([index], error, 1);
    }
  }

  async #runChunks(maxEvents: number): Promise<void> {
    const { messages, guard } = this.context;
    for (let start = 0; start < messages.length; start += maxEvents) {
      if (guard.stopped) return;
      const length = Math.min(maxEvents, messages.length - start);
      const indices = Array.from({ length }, (_, offset) => start + offset);
      if (!(await this.#runChunk(indices))) return;
    }
  }

  async #runChunk(indices: readonly number[]): Promise<Done> {
    let done: Done;
    try {
      await this.#call(await this.#decode(indices));
      done = this.#handled(indices.length);
    } catch (error) {
      done = await this.#recover(indices, error, 1);
    }
    if (done) indices.forEach((index) => this.progress.done(index));
    return done;
  }

  /** Tries again until it works, the attempts are used up (dead letter), or the batch has to stop. */
  async #recover(indices: readonly number[], failure: unknown, failedAttempts: number): Promise<Done> {
    const { guard, retry, random } = this.context;
    const first = this.#message(indices[0] ?? 0);
    let error = failure;
    for (let attempt = failedAttempts; ; attempt += 1) {
      // A decode error never mends itself; a handler's may.
      if (!isTransient(error) && (attempt >= retry.attempts || isPoison(error))) {
        return this.#giveUp(indices, error, attempt);
      }
      const delay = retryDelay(attempt, retry, random());
      this.counts.retried += 1;
      this.context.onRetry(first, error, attempt, delay);
      await guard.sleep(delay);
      if (guard.stopped) return false;
      try {
        await this.#call(await this.#decode(indices));
        return this.#handled(indices.length);
      } catch (next) {
        error = next;
      }
    }
  }

  /** A chunk that fails is halved until the poison stands alone; the rest of it is handled. */
  async #giveUp(indices: readonly number[], error: unknown, attempts: number): Promise<Done> {
    if (indices.length === 1) return this.#bury(this.#message(indices[0] ?? 0), error, attempts);
    const middle = indices.length >> 1;
    return (await this.#runChunk(indices.slice(0, middle))) && (await this.#runChunk(indices.slice(middle)));
  }

  async #bury(message: KafkaMessage, error: unknown, attempts: number): Promise<Done> {
    const { guard, retry, random } = this.context;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.context.bury(message, error, attempts);
        this.counts.deadLettered += 1;
        return true;
      } catch (failure) {
        // Skipping it would lose it: the partition waits until the dead-letter topic takes it.
        const delay = retryDelay(attempt, retry, random());
        const why = new Error(`the dead-letter topic does not take the event: ${messageOf(failure)}`, {
          cause: failure,
        });
        this.context.onRetry(message, why, attempt, delay);
        await guard.sleep(delay);
        if (guard.stopped) return false;
      }
    }
  }

  async #decode(indices: readonly number[]): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    for (const index of indices) {
      const message = this.#message(index);
      const value = this.context.decoder.decode(message.value);
      events.push(this.#event(message, isPromise(value) ? await value : value));
    }
    return events;
  }

  #call(events: readonly ReceivedEvent[]): unknown {
    const { handler, topic, partition } = this.context;
    const [first] = events;
    // The common case, without a list of headers for each event.
    if (
      events.length === 1 &&
      first &&
      handler.kind === 'event' &&
      first.headers['traceparent'] === undefined
    ) {
      return handler.handle(first);
    }
    const headers = events.map((event) => event.headers);
    return traced(topic, partition, headers, () =>
      handler.kind === 'batch' ? handler.handle(events) : handler.handle(events[0] as ReceivedEvent),
    );
  }

  #message(index: number): KafkaMessage {
    return this.context.messages[index] as KafkaMessage;
  }

  #event(message: KafkaMessage, value: unknown): ReceivedEvent {
    const { topic, physicalTopic, partition } = this.context;
    return new ReceivedEvent(topic, physicalTopic, partition, message, value as EventOf<TopicName>);
  }

  #handled(count: number): true {
    this.counts.handled += count;
    return true;
  }
}

const isPoison = (error: unknown): boolean => {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'PAYLOAD_UNDECODABLE' || code === 'SCHEMA_UNKNOWN';
};
