import type { Logger } from '@soma/telemetry';
import type { WakeUp } from '../ports.js';
import { attempt, type AttemptParts } from './attempt.js';
import type { Claim } from './ports.js';

/** Messages on their way at once: of this replica, and to one receiver. */
const mostAtOnce = 16;
const mostPerWebhook = 4;

const upkeepEveryMs = 10_000;
const logKeptMs = 30 * 86_400_000;

export interface CourierOptions extends AttemptParts {
  readonly wakeUp: WakeUp;
  readonly logger: Logger;
  /** Milliseconds after which it looks for work without a wake-up. */
  readonly pollMs: number;
  /** Milliseconds that a claim is kept: longer than any attempt takes. */
  readonly leaseMs: number;
}

/** Brings what happens to webhooks: makes deliveries of what is new and sends what is due, beside other replicas. */
export class Courier {
  readonly #options: CourierOptions;
  readonly #attempt: ReturnType<typeof attempt>;
  readonly #underway = new Map<Promise<void>, string>();
  #wake: () => void = () => undefined;
  #awake = false;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;
  #upkeepAt = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#attempt = attempt(options);
  }

  start(): void {
    this.#unsubscribe = this.#options.wakeUp.onWake(() => this.look());
    this.#loop = this.#run();
  }

  /** Has it look for work now. */
  look(): void {
    this.#awake = true;
    this.#wake();
  }

  /** Takes nothing more; resolves when what is on its way has arrived or failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#wake();
    await this.#loop;
    await Promise.all(this.#underway.keys());
  }

  async #run(): Promise<void> {
    const { deliveries, logger, pollMs } = this.#options;
    while (!this.#stopped) {
      this.#awake = false;
      try {
        await deliveries.dispatch();
        await this.#send();
        await this.#upkeep();
      } catch (error) {
        logger.warn({ err: error }, 'webhooks wait for their next round');
      }
      if (!this.#awake && !this.#stopped) await this.#sleep(pollMs);
    }
  }

  async #send(): Promise<void> {
    const { deliveries, leaseMs } = this.#options;
    const total = mostAtOnce - this.#underway.size;
    if (total === 0 || this.#stopped) return;
    const busy = new Map<string, number>();
    for (const webhook of this.#underway.values()) busy.set(webhook, (busy.get(webhook) ?? 0) + 1);
    for (const claim of await deliveries.claim({ total, perWebhook: mostPerWebhook, busy, leaseMs }))
      this.#begin(claim);
  }

  #begin(claim: Claim): void {
    const { logger, wakeUp } = this.#options;
    const { delivery, webhook } = claim;
    const work = async (): Promise<void> => {
      try {
        const outcome = await this.#attempt(claim);
        if (outcome === 'disabled') {
          logger.warn({ webhook: webhook.id }, 'webhook disabled');
          await wakeUp.announce();
        }
      } catch (error) {
        // The claim ends by itself, and somebody sends it again.
        logger.warn({ err: error, delivery, webhook: webhook.id }, 'delivery waits for its claim to end');
      }
    };
    const running = work().finally(() => {
      this.#underway.delete(running);
      this.look();
    });
    this.#underway.set(running, webhook.id);
  }

  async #upkeep(): Promise<void> {
    const now = performance.now();
    if (now < this.#upkeepAt) return;
    const { deliveries, metrics } = this.#options;
    this.#upkeepAt = now + upkeepEveryMs;
    metrics.pending.set(await deliveries.pending());
    await deliveries.prune(logKeptMs);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
