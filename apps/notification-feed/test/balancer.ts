import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** What stands before replicas, as a load balancer or a Kubernetes service does: one address, and any of them behind it. */
export interface Balancer {
  readonly url: string;
  /** Has new connections go to these only. */
  to(urls: readonly string[]): void;
  close(): Promise<void>;
}

/** Joins two ends until one of them closes. */
const join = (client: Socket, server: Socket): void => {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
};

/** Starts one on a free local port. A replica that does not answer is passed over. */
export const startBalancer = async (): Promise<Balancer> => {
  let targets: readonly string[] = [];
  let turn = 0;
  const sockets = new Set<Socket>();
  const connect = (client: Socket, left: number): void => {
    const target = targets[(turn += 1) % targets.length];
    if (target === undefined || left === 0) return void client.destroy();
    const { hostname, port } = new URL(target);
    const server = createConnection(Number(port), hostname);
    const next = (): void => connect(client, left - 1);
    server.on('error', () => undefined);
    server.once('error', next);
    server.once('connect', () => {
      server.off('error', next);
      join(client, server);
    });
  };
  const listener = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.on('close', () => sockets.delete(client));
    connect(client, targets.length);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    to: (urls) => (targets = urls),
    close: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await once(listener, 'close');
    },
  };
};
