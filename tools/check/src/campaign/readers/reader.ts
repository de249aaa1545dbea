import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, Recorder } from '../history.js';
import type { ReaderSpec } from './messages.js';
import { positionOf, type Told, type Transport } from './visit.js';

const [leastBackoffMs, mostBackoffMs] = [100, 2_000];
/** One row of this many tells how long it took. */
const sampleEvery = 64;

export interface ReaderOptions {
  readonly spec: ReaderSpec;
  readonly token: string;
  readonly transport: Transport;
  /** Base URL of the replica for the next connection, and its index. */
  readonly nextReplica: () => { readonly url: string; readonly index: number };
  readonly onDelay: (ms: number) => void;
}

/** A subscriber: keeps its cursor, comes back with it to another replica, and writes down everything that it is told. */
export class Reader {
  readonly connections: Connection[] = [];
  /** Everything up to here has been seen. */
  position = 0;
  rows = 0;
  gaps = 0;
  reconnects = 0;
  /** Index of the replica that it is connected to. */
  at: number | undefined;
  /** When something came last, in monotonic milliseconds. */
  heard = performance.now();
  #cursor = '0';
  #visit = new AbortController();

  constructor(readonly options: ReaderOptions) {}

  /** Cuts its connection. */
  drop(): void {
    this.#visit.abort();
  }

  /** Reads for ever. */
  async run(): Promise<never> {
    const { spec, token, transport, nextReplica } = this.options;
    for (let failures = 0; ; failures += 1) {
      const { url, index } = nextReplica();
      this.#visit = new AbortController();
      this.heard = performance.now();
      await transport({
        url,
        squad: spec.squad,
        token,
        cursor: this.#cursor,
        consumer: spec.consumer,
        signal: this.#visit.signal,
        told: this.#told(index),
      }).catch(() => undefined);
      if (this.at !== undefined) [failures, this.reconnects] = [0, this.reconnects + 1];
      this.at = undefined;
      const most = Math.min(mostBackoffMs, leastBackoffMs * 2 ** failures);
      await sleep(most * (0.5 + Math.random() / 2));
    }
  }

  #told(replica: number): Told {
    const { spec, onDelay } = this.options;
    const recorder = new Recorder(spec.consumer === undefined ? positionOf(this.#cursor) : undefined);
    const see = (cursor: string, position: number): void => {
      this.#cursor = cursor;
      this.position = Math.max(this.position, position);
      this.heard = performance.now();
    };
    return {
      opened: () => {
        this.at = replica;
        this.connections.push(recorder);
      },
      row: (cursor, position) => {
        recorder.row(position);
        const told = positionOf(cursor);
        if (told !== position) recorder.cursor(told);
        see(cursor, told);
        this.rows += 1;
        return this.rows % sampleEvery === 0;
      },
      happened: (at) => onDelay(Date.now() - Date.parse(at)),
      cursor: (cursor) => {
        const position = positionOf(cursor);
        recorder.cursor(position);
        see(cursor, position);
      },
      gap: (from, to) => {
        recorder.gap(positionOf(from), positionOf(to));
        this.gaps += 1;
      },
      acknowledged: (cursor) => recorder.ack(positionOf(cursor)),
    };
  }
}
