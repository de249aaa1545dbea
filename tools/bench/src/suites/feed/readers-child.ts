import { connect, type Socket } from 'node:net';

/** What the process is to read. */
export interface Order {
  readonly url: string;
  readonly token: string;
  readonly squad: string;
  readonly readers: number;
  /** Cursor to begin behind; the end if there is none. */
  readonly after?: string;
}

/** What it has read so far. */
export interface Report {
  /** Readers that have their stream. */
  readonly open: number;
  /** Notifications that all readers have got together. */
  readonly received: number;
  /** Notifications whose position is not larger than the one before. */
  readonly misplaced: number;
}

/** Milliseconds from sending to receiving: the middle, and what 99 of 100 are below. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** `begin` forgets latencies, the others are answered with a {@link Report} and a {@link Latency}. */
export type Question = 'begin' | 'report' | 'latency';

// Searched for as bytes: parsing JSON a hundred thousand times a second would measure the reader.
const mark = Buffer.from('"bench": "');
const position = Buffer.from('"position":"');
const end = Buffer.from('"');

class Reader {
  #rest: Buffer = Buffer.alloc(0);
  #last = 0;
  received = 0;
  misplaced = 0;
  open = false;

  constructor(
    socket: Socket,
    private readonly latencies: number[],
  ) {
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => (this.open = false));
    socket.on('close', () => (this.open = false));
  }

  #read(chunk: Buffer): void {
    this.open ||= chunk.includes(' 200 ');
    const now = Date.now();
    const text = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = text.indexOf(mark);
    let done = 0;
    while (at !== -1) {
      const from = at + mark.length;
      const to = text.indexOf(end, from);
      if (to === -1) break;
      const sent = Number(text.toString('latin1', from, to));
      const place = text.lastIndexOf(position, at) + position.length;
      const number = Number(text.toString('latin1', place, text.indexOf(end, place)));
      if (number <= this.#last) this.misplaced += 1;
      this.#last = number;
      this.received += 1;
      this.latencies.push(now - sent);
      done = to;
      at = text.indexOf(mark, to);
    }
    // A message that has not come whole yet.
    this.#rest = text.subarray(done);
  }
}

const latencyOf = (latencies: readonly number[]): Latency => {
  const sorted = Float64Array.from(latencies).sort();
  const percentile = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;
  return { p50: percentile(0.5), p99: percentile(0.99) };
};

process.once('message', ({ url, token, squad, readers, after }: Order) => {
  const { hostname, port } = new URL(url);
  const latencies: number[] = [];
  const query = `squad=${squad}${after === undefined ? '' : `&after=${after}`}`;
  const all = Array.from({ length: readers }, () => {
    const socket = connect(Number(port), hostname);
    socket.write(`GET /v1/stream?${query} HTTP/1.1\r\nhost: feed\r\nauthorization: Bearer ${token}\r\n\r\n`);
    return new Reader(socket, latencies);
  });
  const report = (): Report => {
    const sum = (of: (reader: Reader) => number) => all.reduce((total, reader) => total + of(reader), 0);
    return {
      open: sum(({ open }) => (open ? 1 : 0)),
      received: sum(({ received }) => received),
      misplaced: sum(({ misplaced }) => misplaced),
    };
  };
  process.on('message', (question: Question) => {
    if (question === 'begin') latencies.length = 0;
    else process.send?.(question === 'report' ? report() : latencyOf(latencies));
  });
});
process.once('disconnect', () => process.exit(0));
