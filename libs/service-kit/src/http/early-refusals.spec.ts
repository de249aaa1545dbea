import { once } from 'node:events';
import { connect } from 'node:net';
import { Controller, Get, Module, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Public } from '../auth/decorators.js';
import { serviceEnv } from '../config/service-env.js';
import { type RunningService, startService } from '../lifecycle/service.js';

@Public()
@Controller('things')
class ThingsController {
  @Get('stream')
  stream(@Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.write('begun');
  }

  @Get(':id')
  get(@Param('id') id: string): object {
    return { id };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let service: RunningService;

beforeAll(async () => {
  const definition = { name: 'things', version: '1', config: z.object(serviceEnv) };
  service = await startService(
    { ...definition, module: () => ThingsModule },
    { SOMA_LOG_LEVEL: 'silent', SOMA_HTTP_PORT: '0' },
  );
});

afterAll(() => service.stop());

const open = async () => {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const read = { text: '' };
  socket.on('data', (bytes: Buffer) => (read.text += bytes.toString('latin1')));
  return { socket, read, closed: once(socket, 'close') };
};

/** Sends bytes and answers what comes back until the server closes. */
const exchange = async (bytes: string): Promise<string> => {
  const { socket, read, closed } = await open();
  socket.write(bytes, 'latin1');
  await closed;
  return read.text;
};

const problemOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));

it.each([
  ['GET /things/%zz?token=secret HTTP/1.1', 400, 'bad-path'],
  ['GET /%ff?token=secret HTTP/1.1', 400, 'bad-path'],
  [`GET /things/${'x'.repeat(200)}?token=secret HTTP/1.1`, 414, 'path-too-long'],
])('answers %# with a problem that does not repeat the query', async (line, status, code) => {
  const answer = await exchange(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  expect(answer).toMatch(/content-type: application\/problem\+json/i);
  expect(problemOf(answer)).toMatchObject({ status, code, type: `urn:soma:problem:${code}` });
  expect(answer).not.toContain('secret');
});

it.each([
  ['GET /caf\xe9 HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'malformed-request'],
  ['no HTTP at all\r\n\r\n', 400, 'malformed-request'],
  ['GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', 400, 'malformed-request'],
  [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`, 431, 'headers-too-large'],
])('answers %# with a problem and closes the connection', async (bytes, status, code) => {
  const answer = await exchange(bytes);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(/^connection: close\r$/m);
  expect(answer).toMatch(/^content-type: application\/problem\+json/m);
  expect(problemOf(answer)).toMatchObject({ status, code });
});

it('writes nothing into an answer that is under way', async () => {
  const { socket, read, closed } = await open();
  socket.write('GET /things/stream HTTP/1.1\r\nhost: x\r\n\r\n');
  while (!read.text.includes('begun')) await once(socket, 'data');
  socket.write('no HTTP at all\r\n\r\n');
  await closed;
  expect(read.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
});

it('does not repeat the query of a path that is not there', async () => {
  const answer = await fetch(`${service.url}/nowhere?token=secret`);
  expect(await answer.json()).toMatchObject({
    status: 404,
    detail: expect.not.stringContaining('secret') as string,
  });
});
