import { once } from 'node:events';
import { statSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { PlatformError } from '../errors.js';
import { platformPaths } from '../home.js';
import type { ServerName } from '../names.js';
import type { PrincipalRequest } from '../principals.js';
import type { OnProgress, ServerStatus } from '../status.js';
import { fromWire, type ServerAction, type StreamLine, type WireError } from './protocol.js';

/** What can be asked of a platform, whichever process owns it. */
export interface Platform {
  readonly home: string;
  /** Starts whatever does not run; returns at once if all does. */
  readonly up: (onProgress?: OnProgress) => Promise<void>;
  /** Stops all servers; the owner gives the platform up. */
  readonly down: (onProgress?: OnProgress) => Promise<void>;
  readonly status: () => Promise<ServerStatus[]>;
  /** Starts one server and waits until it is healthy. */
  readonly start: (name: ServerName) => Promise<void>;
  readonly stop: (name: ServerName) => Promise<void>;
  /** SIGKILL. */
  readonly kill: (name: ServerName) => Promise<void>;
  /** SIGSTOP. */
  readonly pause: (name: ServerName) => Promise<void>;
  /** SIGCONT. */
  readonly continue: (name: ServerName) => Promise<void>;
  readonly ensurePrincipals: (requests: readonly PrincipalRequest[]) => Promise<void>;
}

const send = async (
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<IncomingMessage> => {
  const request = httpRequest({ socketPath, method, path, agent: false });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
};

const call = async <T>(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<T> => {
  const response = await send(socketPath, method, path, body);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  if (response.statusCode !== 200) throw fromWire(JSON.parse(text) as WireError);
  return JSON.parse(text) as T;
};

const follow = async (socketPath: string, path: string, onProgress: OnProgress): Promise<void> => {
  const response = await send(socketPath, 'POST', path);
  for await (const text of createInterface({ input: response })) {
    const line = JSON.parse(text) as StreamLine;
    if ('progress' in line) onProgress(line.progress);
    else if ('error' in line) throw fromWire(line.error);
    else return;
  }
  throw new PlatformError(
    'not-running',
    `The process that owns the platform ended in the middle of it; its socket was ${socketPath}.`,
  );
};

const answers = async (socketPath: string): Promise<boolean> => {
  try {
    // In a shared temporary folder anyone may have put a socket under this name.
    if (statSync(socketPath).uid !== process.getuid?.()) return false;
    await call(socketPath, 'GET', '/ping');
    return true;
  } catch {
    return false;
  }
};

/** A client of the platform that another process, or this one, owns at `home`; undefined if nobody answers there. */
export const connectPlatform = async (home: string): Promise<Platform | undefined> => {
  const socket = platformPaths(home).controlSocket;
  if (!(await answers(socket))) return undefined;
  const act =
    (action: ServerAction) =>
    async (name: ServerName): Promise<void> => {
      await call(socket, 'POST', `/servers/${name}/${action}`);
    };
  return {
    home,
    up: (onProgress = () => undefined) => follow(socket, '/up', onProgress),
    down: (onProgress = () => undefined) => follow(socket, '/down', onProgress),
    status: () => call<ServerStatus[]>(socket, 'GET', '/status'),
    start: act('start'),
    stop: act('stop'),
    kill: act('kill'),
    pause: act('pause'),
    continue: act('continue'),
    ensurePrincipals: async (requests) => {
      await call(socket, 'POST', '/principals', requests);
    },
  };
};
