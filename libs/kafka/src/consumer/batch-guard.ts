/** What kafkajs gives a batch to stay alive and to know when to stop. */
export interface BatchControls {
  heartbeat(): Promise<void>;
  isRunning(): boolean;
  isStale(): boolean;
}

/**
 * Keeps the group membership alive while handlers run, however long they take, and tells them to stop: on
 * shutdown, on a seek, or when a heartbeat reports a rebalance. Handlers in flight always finish.
 */
export class BatchGuard {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #failure: unknown;

  constructor(
    private readonly controls: BatchControls,
    intervalMs: number,
    onBeat: () => Promise<void>,
  ) {
    const beat = async (): Promise<void> => {
      if (!controls.isRunning() || controls.isStale()) return this.#abort.abort();
      await onBeat();
      await controls.heartbeat();
    };
    this.#timer = setInterval(() => {
      beat().catch((error: unknown) => {
        this.#failure ??= error;
        this.#abort.abort();
      });
    }, intervalMs);
  }

  get stopped(): boolean {
    return this.#abort.signal.aborted || !this.controls.isRunning() || this.controls.isStale();
  }

  /** The error of a failed heartbeat: kafkajs has to see it to join the group again. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Waits, or returns early when the batch has to stop. */
  async sleep(ms: number): Promise<void> {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener('abort', finish);
    });
  }

  stop(): void {
    this.#abort.abort();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
