import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, toProblem } from './problem.js';

/** Answers on a socket that no request handler has, with a problem document, and closes it. */
export const refuseSocket = (socket: Socket, error: unknown, instance: string): void => {
  const { status, headers, body } = toProblem(error, { instance });
  const content = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(content)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${content}`);
  socket.destroySoon();
};

const unroutable: Readonly<Record<string, Problem>> = {
  FST_ERR_BAD_URL: new Problem(400, 'bad-path', 'the path is not UTF-8 in percent-encoding'),
  FST_ERR_MAX_PARAM_LENGTH: new Problem(
    414,
    'path-too-long',
    'a part of the path is longer than any name here',
  ),
};

/** What Fastify refuses before it knows the route. Its own answer is no problem document, and repeats the query. */
export const refuseUnroutable = (
  error: { readonly code: string },
  request: FastifyRequest,
  reply: FastifyReply,
): void => {
  const [instance = ''] = request.url.split('?', 1);
  const { status, body } = toProblem(unroutable[error.code] ?? error, { instance });
  void reply.code(status).type('application/problem+json; charset=utf-8').send(JSON.stringify(body));
};

const unreadable: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'request-timeout', 'the request did not arrive in time'),
  HPE_HEADER_OVERFLOW: new Problem(431, 'headers-too-large', 'the headers are larger than 16 kB'),
};
const malformed = new Problem(400, 'malformed-request', 'this is no HTTP request');

/** What Node refuses before it is a request. Its answer has to close the connection, and never stands in another one. */
export const refuseUnreadable = (): {
  readonly watch: (server: Server) => void;
  readonly refuse: (error: { readonly code?: string }, socket: Socket) => void;
} => {
  const answers = new WeakMap<Socket, ServerResponse>();
  return {
    watch: (server) => {
      server.on('request', ({ socket }: IncomingMessage, answer: ServerResponse) =>
        answers.set(socket, answer),
      );
    },
    refuse: (error, socket) => {
      const answer = answers.get(socket);
      const underWay = answer?.headersSent === true && !answer.writableFinished;
      if (!socket.writable || error.code === 'ECONNRESET' || underWay) socket.destroy();
      else refuseSocket(socket, unreadable[error.code ?? ''] ?? malformed, '');
    },
  };
};
