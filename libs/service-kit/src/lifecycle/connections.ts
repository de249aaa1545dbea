import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const pollMs = 50;

/**
 * Keeps an eye on a server's connections, and answers how to get rid of those that carry no request, again and again
 * while it closes. Node's server alone closes idle ones once: one that is idle later, or never sent a request at all,
 * would hold it until its client goes.
 */
export function watchConnections(server: Server): { releaseIdleWhile<T>(closing: Promise<T>): Promise<T> } {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  const release = (): void => {
    server.closeIdleConnections();
    for (const socket of unused) socket.destroy();
  };
  return {
    releaseIdleWhile: async (closing) => {
      const timer = setInterval(release, pollMs);
      try {
        return await closing;
      } finally {
        clearInterval(timer);
      }
    },
  };
}
