/** Times a known number of events, from the moment the first one is seen until the last one is. */
export class Stopwatch {
  readonly done: Promise<number>;
  #from: number | undefined;
  #seen = 0;
  #finish: (eventsPerSecond: number) => void = () => undefined;

  constructor(private readonly total: number) {
    this.done = new Promise((resolve) => (this.#finish = resolve));
  }

  /** Resolves `done` with events per second once all of them were seen. */
  see(events: number): void {
    this.#from ??= performance.now();
    this.#seen += events;
    if (this.#seen === this.total) this.#finish((this.total * 1000) / (performance.now() - this.#from));
  }
}
