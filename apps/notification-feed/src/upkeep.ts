import type { Logger } from '@soma/telemetry';
import type { RuleStore, WakeUp } from './ports.js';
import type { RuleBook } from './rule-book.js';

const dayMs = 86_400_000;

export interface UpkeepOptions {
  readonly book: RuleBook;
  readonly store: RuleStore;
  readonly wakeUp: WakeUp;
  /** Lets go of what is past its retention; the time in milliseconds since 1970. */
  readonly retain: (now: number) => Promise<void>;
  readonly logger: Logger;
  /** Milliseconds from one round to the next. */
  readonly everyMs: number;
}

/** What is done from time to time: rules read again, held notifications released, old windows and partitions let go. */
export class Upkeep {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #onHangUp = (): void => this.#begin();

  constructor(private readonly options: UpkeepOptions) {}

  /** Begins the rounds; SIGHUP begins one at once. */
  start(): void {
    process.on('SIGHUP', this.#onHangUp);
    this.#begin();
  }

  /** Resolves when the round that runs is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    process.off('SIGHUP', this.#onHangUp);
    clearTimeout(this.#timer);
    await this.#round;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#round = this.#round.then(() => this.#run());
  }

  async #run(): Promise<void> {
    if (this.#stopped) return;
    const { book, store, wakeUp, retain, logger, everyMs } = this.options;
    try {
      await book.reload(Date.now());
      if ((await store.release(Date.now())) > 0) await wakeUp.announce();
      await store.forget(Date.now(), dayMs);
      await retain(Date.now());
    } catch (error) {
      logger.warn({ err: error }, 'the upkeep waits for its next round');
    }
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#begin(), everyMs);
  }
}
