import kafkajs from 'kafkajs';
import type { Kafka, Producer } from 'kafkajs';
import type { Sessions } from './partition-lane.js';

/** Keeps one idempotent producer connected, replaces a retired one, and disconnects it when its last user is done. */
export class ProducerSessions implements Sessions {
  #current: Promise<Producer> | undefined;
  readonly #users = new Map<Producer, number>();
  readonly #retired = new WeakSet<Producer>();

  constructor(private readonly kafka: Kafka) {}

  async acquire(): Promise<Producer> {
    const connecting = (this.#current ??= this.#connect());
    try {
      const producer = await connecting;
      this.#users.set(producer, (this.#users.get(producer) ?? 0) + 1);
      return producer;
    } catch (error) {
      if (this.#current === connecting) this.#current = undefined;
      throw error;
    }
  }

  release(producer: Producer): void {
    const users = (this.#users.get(producer) ?? 1) - 1;
    this.#users.set(producer, users);
    if (users === 0 && this.#retired.has(producer)) {
      this.#users.delete(producer);
      // Nobody waits for it: a session that cannot even say goodbye is closed by the broker.
      producer.disconnect().catch(() => undefined);
    }
  }

  retire(producer: Producer): void {
    if (this.#retired.has(producer)) return;
    this.#retired.add(producer);
    this.#current = undefined;
  }

  async close(): Promise<void> {
    const producers = [...this.#users.keys()];
    const current = await this.#current?.catch(() => undefined);
    if (current && !producers.includes(current)) producers.push(current);
    await Promise.all(producers.map((producer) => producer.disconnect().catch(() => undefined)));
  }

  async #connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 5,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      // kafkajs asks for new leaders when a broker says that it is none; one that hangs says nothing.
      metadataMaxAge: 3_000,
    });
    await producer.connect();
    return producer;
  }
}
