import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { LocalPlatform } from '../local-platform.js';
import { PlatformError } from '../errors.js';
import type { PrincipalRequest } from '../principals.js';
import type { OnProgress } from '../status.js';
import { serverActions, toWire, type ServerAction, type StreamLine } from './protocol.js';

const isAction = (text: string | undefined): text is ServerAction =>
  (serverActions as readonly (string | undefined)[]).includes(text);

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text === '' ? undefined : JSON.parse(text);
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const stream = async (
  response: ServerResponse,
  work: (onProgress: OnProgress) => Promise<void>,
): Promise<void> => {
  const send = (line: StreamLine): boolean => response.write(`${JSON.stringify(line)}\n`);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  try {
    await work((progress) => send({ progress }));
    send({ done: true });
  } catch (error) {
    send({ error: toWire(error) });
  }
  response.end();
};

/** What the socket may ask of the process that owns the platform. */
export interface Controlled {
  readonly platform: LocalPlatform;
  /** Stops all servers and gives the platform up. */
  readonly close: (onProgress: OnProgress) => Promise<void>;
}

const route = async (
  { platform, close }: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [, area, name = '', action] = (request.url ?? '/').split('/');
  switch (`${request.method} /${area}`) {
    case 'GET /ping':
      return answer(response, 200, {});
    case 'GET /status':
      return answer(response, 200, await platform.status());
    case 'POST /up':
      return stream(response, (onProgress) => platform.up(onProgress));
    case 'POST /down':
      return stream(response, close);
    case 'POST /principals':
      await platform.ensurePrincipals((await readBody(request)) as PrincipalRequest[]);
      return answer(response, 200, {});
    case 'POST /servers':
      if (!isAction(action))
        throw new PlatformError('bad-request', `"${action}" is not one of ${serverActions.join(', ')}.`);
      await platform.server(name)[action]();
      return answer(response, 200, {});
    default:
      throw new PlatformError(
        'bad-request',
        `${request.method} ${request.url} is not part of the control socket.`,
      );
  }
};

/** Listens on the unix socket `path`, which only this user may open. The answer stops listening. */
export const serveControl = async (path: string, controlled: Controlled): Promise<() => Promise<void>> => {
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    route(controlled, request, response).catch((error: unknown) => {
      if (!response.headersSent) answer(response, 400, toWire(error));
      else response.end();
    });
  });
  // A start may install packages: no limit on how long an answer takes.
  server.requestTimeout = 0;
  const before = process.umask(0o177);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
      // Who follows a start that was given up has had the time to hear of it.
      setTimeout(() => server.closeAllConnections(), 2000).unref();
    });
};
