import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP relay in front of a real server: the wire that a test can cut. */
export interface Relay {
  /** The server's URL with the relay's host and port in place of its own. */
  readonly url: string;
  /** Breaks every connection and refuses new ones, as if the server had been stopped. */
  cut(): Promise<void>;
  /** Passes no byte on and keeps connections open, as if the server hung. */
  freeze(): void;
  /** Ends `cut` or `freeze`. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a relay to the host and port of `target` on a free local port. */
export async function startRelay(target: string): Promise<Relay> {
  const url = new URL(target);
  const sockets = new Set<Socket>();
  let frozen = false;
  const accept = (client: Socket): void => {
    const server = createConnection(Number(url.port), url.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => to.write(bytes));
      if (frozen) from.pause();
    }
  };
  let listener = await listen(accept, 0);
  const { port } = listener.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    const closed = listener.listening ? once(listener, 'close') : undefined;
    listener.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const relayed = new URL(target);
  relayed.host = `127.0.0.1:${port}`;
  return {
    url: relayed.href,
    cut,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    restore: async () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
      if (!listener.listening) listener = await listen(accept, port);
    },
    close: cut,
  };
}

async function listen(accept: (client: Socket) => void, port: number): Promise<Server> {
  const server = createServer(accept).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
