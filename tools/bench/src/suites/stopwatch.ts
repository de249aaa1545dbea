/** No pass takes so long on a machine that works: the servers are gone, or events were lost. */
const passLimitMs = 120_000;

/** Times a known number of events, from the moment the first one is seen until the last one is. */
export class Stopwatch {
  /** Events per second; rejects when they have not all been seen within the limit. */
  readonly done: Promise<number>;
  readonly #timer: NodeJS.Timeout;
  #from: number | undefined;
  #seen = 0;
  #finish: (eventsPerSecond: number) => void = () => undefined;

  constructor(
    private readonly total: number,
    limitMs = passLimitMs,
  ) {
    let fail: (error: Error) => void = () => undefined;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      fail = reject;
    });
    // A pass that fails before it waits for the events has its own error to tell.
    this.done.catch(() => undefined);
    this.#timer = setTimeout(
      () => fail(new Error(`${this.#seen} of ${total} events came within ${limitMs / 1000} s`)),
      limitMs,
    );
  }

  see(events: number): void {
    this.#from ??= performance.now();
    this.#seen += events;
    if (this.#seen !== this.total) return;
    clearTimeout(this.#timer);
    this.#finish((this.total * 1000) / (performance.now() - this.#from));
  }
}
