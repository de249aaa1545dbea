import type { Logger } from '@soma/telemetry';

export interface RoundsOptions {
  /** What one round does. A round that fails is over; the next one begins anew. */
  readonly work: () => Promise<void>;
  /** Milliseconds from one round to the next. */
  readonly everyMs: number;
  readonly logger: Logger;
  /** What the log says of a round that failed. */
  readonly failed: string;
}

/** Work that has to be done from time to time, one round behind the other. */
export class Rounds {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly options: RoundsOptions) {}

  /** Begins a round at once, and the others from then on. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#round = this.#round.then(() => this.#run());
  }

  /** Resolves when the round that runs is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #run(): Promise<void> {
    if (this.#stopped) return;
    const { work, everyMs, logger, failed } = this.options;
    try {
      await work();
    } catch (error) {
      logger.warn({ err: error }, failed);
    }
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.begin(), everyMs);
  }
}
