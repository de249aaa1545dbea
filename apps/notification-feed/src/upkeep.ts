import type { Logger } from '@soma/telemetry';
import type { RuleStore, WakeUp } from './ports.js';
import { Rounds } from './rounds.js';
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
  readonly #rounds: Rounds;
  readonly #onHangUp = (): void => this.#rounds.begin();

  constructor(private readonly options: UpkeepOptions) {
    const { logger, everyMs } = options;
    const failed = 'the upkeep waits for its next round';
    this.#rounds = new Rounds({ work: () => this.#run(), everyMs, logger, failed });
  }

  /** Begins the rounds; SIGHUP begins one at once. */
  start(): void {
    process.on('SIGHUP', this.#onHangUp);
    this.#rounds.begin();
  }

  /** Resolves when the round that runs is over. */
  async stop(): Promise<void> {
    process.off('SIGHUP', this.#onHangUp);
    await this.#rounds.stop();
  }

  async #run(): Promise<void> {
    const { book, store, wakeUp, retain } = this.options;
    await book.reload(Date.now());
    if ((await store.release(Date.now())) > 0) await wakeUp.announce();
    await store.forget(Date.now(), dayMs);
    await retain(Date.now());
  }
}
