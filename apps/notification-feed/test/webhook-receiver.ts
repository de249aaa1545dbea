import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a receiver got. */
export interface ReceivedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
  /** The receiver's answer. */
  readonly status: number;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answer only when this has resolved. */
  readonly after?: Promise<unknown>;
}

/** A real HTTP server that takes webhooks. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly messages: readonly ReceivedMessage[];
  /** Connections that were ever made to it. */
  connections(): number;
  /** What it answers from now on: 204 unless told. */
  answer(next: Answer | ((seen: ReceivedMessage) => Answer)): void;
  close(): Promise<void>;
}

const textOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

/** Starts a receiver on a free port of a loopback address. */
export const startReceiver = async (host = '127.0.0.1', port = 0): Promise<Receiver> => {
  const messages: ReceivedMessage[] = [];
  let connections = 0;
  let next: (seen: ReceivedMessage) => Answer = () => ({ status: 204 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = {
        headers: textOf(request.headers),
        body: Buffer.concat(chunks).toString(),
        at: Date.now(),
        status: 0,
      };
      const { status, headers, body, after } = next(seen);
      messages.push({ ...seen, status });
      void Promise.resolve(after).then(() => response.writeHead(status, headers).end(body));
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}/hook`,
    port: address.port,
    messages,
    connections: () => connections,
    answer: (answer) => (next = typeof answer === 'function' ? answer : () => answer),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
