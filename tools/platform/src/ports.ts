import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { z } from 'zod';
import { serverNames, type Ports, type ServerName } from './names.js';
import { packageFile } from './package-files.js';

/** Below the kernel's ephemeral range: an outgoing connection must not take the port of a broker that is down for a moment. */
const fallbackRange = { from: 20_000, to: 32_000 };

export const portsSchema = z.record(z.enum(serverNames), z.record(z.string(), z.int().min(1).max(65_535)));

/** The ports everyone prefers, from `tools/platform/ports.json`. */
export const defaultPorts = (): Ports =>
  portsSchema.parse(JSON.parse(readFileSync(packageFile('ports.json'), 'utf8')));

/**
 * Gives every listener its first free choice: the port it had, its default, else one from the fallback range.
 * `isFree` asks the machine; `draw` proposes fallback ports.
 */
export const choosePorts = async (
  defaults: Ports,
  remembered: Partial<Ports>,
  isFree: (port: number) => Promise<boolean>,
  draw: () => number = () => randomInt(fallbackRange.from, fallbackRange.to),
): Promise<Ports> => {
  const taken = new Set<number>();
  const take = async (candidates: (number | undefined)[]): Promise<number> => {
    for (let attempt = 0; attempt < 500; attempt++) {
      const port = attempt < candidates.length ? candidates[attempt] : draw();
      if (port === undefined || taken.has(port) || !(await isFree(port))) continue;
      taken.add(port);
      return port;
    }
    throw new Error(`no free port found in ${fallbackRange.from}–${fallbackRange.to}`);
  };
  const chosen: [ServerName, Record<string, number>][] = [];
  for (const name of serverNames) {
    const listeners: Record<string, number> = {};
    for (const [listener, port] of Object.entries(defaults[name])) {
      listeners[listener] = await take([remembered[name]?.[listener], port]);
    }
    chosen.push([name, listeners]);
  }
  return Object.fromEntries(chosen) as Ports;
};

/** Whether something on loopback accepts a connection to this port within `ms`. */
export const acceptsConnections = (port: number, host = '127.0.0.1', ms = 1000): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ms, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });

/** Whether we could listen on this port: nobody answers there and binding it works (macOS allows the latter beside a wildcard listener). */
export const isPortFree = async (port: number): Promise<boolean> => {
  if (await acceptsConnections(port)) return false;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
};
