import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isTopicName, type TopicName, topics } from '@soma/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import type { KafkaSettings } from '../config.js';
import type { Handler } from '../consumer/batch-run.js';
import { type ConsumerOptions, EventConsumer } from '../consumer/consumer.js';
import type { ReceivedEvent } from '../consumer/received-event.js';
import { EventContext } from './context.js';
import type { EventPatternExtras } from './event-pattern.js';

const settle = async (result: unknown): Promise<void> => {
  const value: unknown = await result;
  if (isObservable(value)) await lastValueFrom(value, { defaultValue: undefined });
};

/**
 * Nest transport for squad topics: `@EventPattern('settings.changed')` handlers get typed, decoded events
 * with the delivery promises of `EventConsumer`. Handler errors have to arrive unchanged, which
 * `@EventPattern` sees to.
 */
export class KafkaEvents extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('soma-kafka');
  override readonly propagatesEventHandlerErrors = true;
  #consumer: EventConsumer | undefined;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly options: Omit<ConsumerOptions, 'handlers'>,
    /** Releases what the strategy was made with, once it has stopped. */
    private readonly release: () => Promise<void> = () => Promise.resolve(),
  ) {
    super();
  }

  override listen(callback: (error?: unknown) => void): void {
    try {
      const handlers = new Map(
        [...this.messageHandlers].map(([pattern, handler]) => this.#bind(pattern, handler)),
      );
      if (handlers.size > 0) {
        this.#consumer = new EventConsumer(this.settings, { ...this.options, handlers });
        this.#consumer.start();
      }
      callback();
    } catch (error) {
      callback(error);
    }
  }

  override async close(): Promise<void> {
    await this.#consumer?.stop();
    await this.release();
  }

  /** Throws when the consumer is not part of its group or waits for something. */
  async health(): Promise<void> {
    await this.#consumer?.health();
  }

  pause(): void {
    this.#consumer?.pause();
  }

  resume(): void {
    this.#consumer?.resume();
  }

  override on(): never {
    throw new Error('KafkaEvents has no events to listen to; ask health()');
  }

  override unwrap<T>(): T {
    return this.#consumer as T;
  }

  #bind(pattern: string, handler: MessageHandler): [TopicName, Handler] {
    if (!isTopicName(pattern)) {
      const known = Object.keys(topics).join(', ');
      throw new Error(`@EventPattern('${pattern}') names no topic of the catalogue; there are ${known}`);
    }
    const { batch } = (handler.extras ?? {}) as EventPatternExtras;
    if (batch === undefined) {
      return [
        pattern,
        { kind: 'event', handle: (event) => settle(handler(event.value, new EventContext([event]))) },
      ];
    }
    const handle = (events: readonly ReceivedEvent[]) =>
      settle(
        handler(
          events.map(({ value }) => value),
          new EventContext(events),
        ),
      );
    return [pattern, { kind: 'batch', maxEvents: batch, handle }];
  }
}
