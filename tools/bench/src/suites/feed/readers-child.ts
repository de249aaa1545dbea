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
  /** Notifications that came in another order than their numbers, or after a missing one. */
  readonly misplaced: number;
  /** Milliseconds from sending to receiving, sorted; those since the last report. */
  readonly latencies: readonly number[];
}

// Searched for as bytes: parsing JSON a hundred thousand times a second would measure the reader.
const mark = Buffer.from('"bench":"');
const end = Buffer.from('"');

class Reader {
  #rest: Buffer = Buffer.alloc(0);
  #last: number | undefined;
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
      const [number = 0, sent = 0] = text.toString('latin1', from, to).split('/').map(Number);
      if (this.#last !== undefined && number !== this.#last + 1) this.misplaced += 1;
      this.#last = number;
      this.received += 1;
      this.latencies.push(now - sent);
      done = to;
      at = text.indexOf(mark, to);
    }
    // What a mark could begin in, or the mark that has no end yet.
    this.#rest = at === -1 ? text.subarray(Math.max(done, text.length - mark.length)) : text.subarray(at);
  }
}

process.once('message', ({ url, token, squad, readers, after }: Order) => {
  const { hostname, port } = new URL(url);
  const latencies: number[] = [];
  const query = `squad=${squad}${after === undefined ? '' : `&after=${after}`}`;
  const all = Array.from({ length: readers }, () => {
    const socket = connect(Number(port), hostname);
    socket.write(`GET /v1/stream?${query} HTTP/1.1\r\nhost: feed\r\nauthorization: Bearer ${token}\r\n\r\n`);
    return new Reader(socket, latencies);
  });
  process.on('message', () => {
    const sum = (of: (reader: Reader) => number) => all.reduce((total, reader) => total + of(reader), 0);
    process.send?.({
      open: sum(({ open }) => (open ? 1 : 0)),
      received: sum(({ received }) => received),
      misplaced: sum(({ misplaced }) => misplaced),
      latencies: latencies.splice(0).toSorted((a, b) => a - b),
    } satisfies Report);
  });
});
process.once('disconnect', () => process.exit(0));
