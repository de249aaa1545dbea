import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { EventOf, TopicName } from '@soma/contracts';
import { type EventHeaders, readEventHeaders } from '../headers.js';

/** One decoded event with the place it came from. */
export class ReceivedEvent<T extends TopicName = TopicName> {
  constructor(
    readonly topic: T,
    /** The topic's name on the cluster: the prefix and `topic`. */
    readonly physicalTopic: string,
    readonly partition: number,
    private readonly message: KafkaMessage,
    readonly value: EventOf<T>,
  ) {}

  /** 64-bit, hence text. With topic and partition it names this event for good. */
  get offset(): string {
    return this.message.offset;
  }

  get key(): string | null {
    return this.message.key?.toString() ?? null;
  }

  /** Milliseconds since the epoch, as the producer or the broker stamped the record. */
  get timestamp(): number {
    return Number(this.message.timestamp);
  }

  get headers(): IHeaders {
    return this.message.headers ?? {};
  }

  /** CloudEvents attributes; undefined when the producer wrote none. */
  get cloudEvent(): EventHeaders | undefined {
    return readEventHeaders(this.message.headers);
  }
}
