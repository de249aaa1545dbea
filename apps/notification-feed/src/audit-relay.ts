import type { EventProducer } from '@soma/kafka';
import type { Postgres } from '@soma/postgres';
import type { Logger } from '@soma/telemetry';
import { relayAudit, type WaitingAuditEvent } from './adapters/audit-outbox.js';

const everyMs = 1_000;
/** How long one event may wait for its acknowledgement: the next round tries again. */
const deadlineMs = 10_000;

const sendTo =
  (producer: EventProducer) =>
  ({ id, actor, action, subject, outcome, at }: WaitingAuditEvent) =>
    producer.send(
      'identity.audit',
      { actor, action, subject, tenant: null, outcome, at },
      { id, deadlineMs },
    );

/** Brings audit events from the database to Kafka, at least once, for as long as it runs. */
export class AuditRelay {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly postgres: Postgres,
    private readonly producer: EventProducer,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#round = this.#run();
  }

  /** Resolves when the round that runs is over and the producer is closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.producer.close();
  }

  async #run(): Promise<void> {
    try {
      let sent: number;
      do {
        const relayed = await relayAudit(this.postgres, sendTo(this.producer));
        ({ sent } = relayed);
        const [first] = relayed.failures;
        if (first !== undefined)
          this.logger.warn({ err: first, failed: relayed.failures.length }, 'audit events wait for Kafka');
      } while (sent > 0 && !this.#stopped);
    } catch (error) {
      this.logger.warn({ err: error }, 'audit events wait for their next round');
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.start(), everyMs);
  }
}
