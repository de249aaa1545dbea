import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Body,
  Controller,
  Get,
  Module,
  type OnApplicationShutdown,
  Param,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { CustomTransportStrategy, EventPattern, Payload, Server } from '@nestjs/microservices';
import { InMemorySpanExporter, SimpleSpanProcessor, trace } from '@soma/telemetry';
import { httpJson, type JsonAnswer, waitFor } from '@soma/testing';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Caller } from '../auth/caller.js';
import { CurrentCaller, Public, Scopes } from '../auth/decorators.js';
import { serviceEnv } from '../config/service-env.js';
import { HealthRegistry } from '../health/health.registry.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { openRoutes } from '../testing.js';
import { type RunningService, startService } from './service.js';
import { ShutdownRegistry } from './shutdown.registry.js';

const events: string[] = [];
let streams = 0;

const item = z.object({ name: z.string().min(1), count: z.coerce.number().int().positive() });

class OutOfStock extends Error {
  readonly code = 'out-of-stock';
  readonly status = 409;
}

@Controller('items')
class ItemsController {
  constructor(private readonly shutdown: ShutdownRegistry) {}

  @Get('me')
  me(@CurrentCaller() caller: Caller): unknown {
    return { id: caller.id, infra: caller.mayRead('infra-ops'), slm: caller.mayRead('slm-execution') };
  }

  @Get('slow')
  async slow(): Promise<{ done: true }> {
    events.push('slow request');
    await waitFor(() => events.includes('streams ended'));
    return { done: true };
  }

  @Get('stream')
  stream(@Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write(': hello\n\n');
    streams += 1;
    this.shutdown.onShutdown(() => {
      reply.raw.end('event: bye\n\n');
      events.push('streams ended');
    });
  }

  @Get(':id')
  @Scopes('items:read')
  get(@Param('id') id: string): unknown {
    if (id === 'gone') throw new OutOfStock('nothing left');
    if (id === 'broken') throw new Error('secret detail');
    return { id, trace: trace.getActiveSpan()?.spanContext().traceId };
  }

  @Post()
  create(@Body(new ZodPipe(item)) body: z.output<typeof item>, @Query('dry') dry?: string): unknown {
    return { ...body, dry, trace: trace.getActiveSpan()?.spanContext().traceId };
  }

  @EventPattern('settings.changed')
  changed(@Payload() data: string): void {
    events.push(`handled ${data}`);
  }
}

@Public()
@Controller('open')
class OpenController {
  @Get()
  get(): { open: true } {
    return { open: true };
  }
}

/** Hands one event to its handler when it starts, as a broker would. */
class OneEvent extends Server implements CustomTransportStrategy {
  async listen(done: () => void): Promise<void> {
    await this.getHandlerByPattern('settings.changed')?.('an event');
    done();
  }
  close(): void {
    events.push('consumer closed');
  }
  on(): void {
    throw new Error('no events');
  }
  unwrap<T>(): T {
    throw new Error('nothing inside');
  }
}

class Connection implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    events.push('connections closed');
  }
}

@Module({ controllers: [ItemsController, OpenController], providers: [Connection] })
class ItemsModule {}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const exporter = new InMemorySpanExporter();
const folder = mkdtempSync(join(tmpdir(), 'soma-kit-'));
const tokensFile = join(folder, 'tokens.json');
const start = (
  env: Record<string, string> = { SOMA_AUTH_TOKENS_FILE: tokensFile },
): Promise<RunningService> =>
  startService(
    {
      name: 'items',
      version: '1.0.0',
      config: z.object(serviceEnv),
      module: () => ItemsModule,
      strategies: () => [new OneEvent()],
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    },
    { SOMA_LOG_LEVEL: 'silent', ...env },
  );

beforeAll(() => {
  const tokens = [
    { id: 'reader', sha256: sha256('reader-token'), squads: ['slm-execution'], scopes: ['items:read'] },
    { id: 'visitor', sha256: sha256('visitor-token'), squads: [], scopes: [] },
  ];
  writeFileSync(tokensFile, JSON.stringify({ tokens }));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a service', () => {
  let service: RunningService;
  const call = (path: string, options: Parameters<typeof httpJson>[1] = {}): Promise<JsonAnswer> =>
    httpJson(service.url + path, { token: 'reader-token', ...options });

  beforeAll(async () => {
    service = await start();
  });
  afterAll(() => service.stop());

  it('guards every route that is not @Public()', async () => {
    expect(await openRoutes(service)).toEqual([
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /open',
      'HEAD /health/live',
      'HEAD /health/ready',
      'HEAD /metrics',
      'HEAD /open',
    ]);
  });

  it('asks for a token', async () => {
    const { status, headers, body } = await httpJson(`${service.url}/items/me`);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="soma"');
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({
      status: 401,
      title: 'Unauthorized',
      code: 'unauthorized',
      instance: '/items/me',
    });
  });

  it.each(['wrong-token', 'reader-token-and-more', ''])('refuses the token %p', async (token) => {
    const { status, headers } = await call('/items/me', { token });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('Bearer');
  });

  it('tells the handler who calls', async () => {
    expect((await call('/items/me')).body).toEqual({ id: 'reader', infra: false, slm: true });
  });

  it('names the scope that a token lacks', async () => {
    const { status, headers, body } = await call('/items/7', { token: 'visitor-token' });
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="items:read"');
    expect(body).toMatchObject({ code: 'insufficient-scope', missing_scopes: ['items:read'] });
  });

  it('checks a body and lists every error', async () => {
    expect((await call('/items?dry=1', { body: { name: 'n', count: '3' } })).body).toMatchObject({
      name: 'n',
      count: 3,
    });
    const { status, body } = await call('/items', { body: { name: '', count: 'many' } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-request', errors: [{ path: 'name' }, { path: 'count' }] });
  });

  it('answers failures as problem documents', async () => {
    expect((await call('/items/gone')).body).toMatchObject({
      status: 409,
      code: 'out-of-stock',
      detail: 'nothing left',
    });
    expect((await call('/nowhere')).body).toMatchObject({
      status: 404,
      title: 'Not Found',
      instance: '/nowhere',
    });
    const broken = await call('/items/broken');
    expect(broken.body).toMatchObject({
      status: 500,
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect(JSON.stringify(broken.body)).not.toContain('secret detail');
  });

  it('refuses a body that is no JSON, or too large', async () => {
    const headers = { authorization: 'Bearer reader-token', 'content-type': 'application/json' };
    const malformed = await fetch(`${service.url}/items`, { method: 'POST', headers, body: '{' });
    expect([malformed.status, malformed.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    const { status, body } = await call('/items', { body: { name: 'x'.repeat(1_100_000), count: 1 } });
    expect(status).toBe(413);
    expect(body).toMatchObject({ status: 413, title: 'Payload Too Large' });
  });

  it("continues the caller's trace, also behind a body", async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    expect((await call('/items/7', { headers })).body).toMatchObject({ trace: traceId });
    expect((await call('/items', { headers, body: { name: 'n', count: 1 } })).body).toMatchObject({
      trace: traceId,
    });
    const spans = await waitFor(() => {
      const found = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
      return found.length === 2 && found;
    });
    expect(spans.map(({ name }) => name).sort()).toEqual(['GET /items/:id', 'POST /items']);
    expect(spans[0]?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(spans[0]?.attributes).toMatchObject({ 'http.response.status_code': 200 });
  });

  it('keeps a harmless request id and replaces any other', async () => {
    expect((await call('/open', { headers: { 'x-request-id': 'abc-1' } })).headers.get('x-request-id')).toBe(
      'abc-1',
    );
    const replaced = await call('/open', { headers: { 'x-request-id': '<script>' } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('counts requests by route, and never by path', async () => {
    await call('/items/1');
    await call('/items/2');
    await call('/no/such/path');
    const body = String((await httpJson(`${service.url}/metrics`)).body);
    expect(body).toMatch(/http_request_duration_seconds_count\{.*route="\/items\/:id",status="200"\} \d/);
    expect(body).toContain('route="unmatched",status="404"');
    expect(body).not.toContain('/no/such/path');
  });

  it('gives events to their handlers, past the guard', () => {
    expect(events).toContain('handled an event');
  });

  it('is ready while its dependencies answer, and says which one does not', async () => {
    expect((await httpJson(`${service.url}/health/live`)).body).toEqual({ status: 'up' });
    expect((await httpJson(`${service.url}/health/ready`)).body).toEqual({ status: 'up', dependencies: [] });
    service.app
      .get(HealthRegistry)
      .register({ name: 'db', check: () => Promise.reject(new Error('refused')) });
    const { status, body } = await httpJson(`${service.url}/health/ready`);
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'down',
      dependencies: [{ name: 'db', status: 'down', error: 'refused' }],
    });
  });
});

describe('without a tokens file', () => {
  it('lets nobody in', async () => {
    const service = await start({});
    const { status } = await httpJson(`${service.url}/items/me`, { token: 'reader-token' });
    await service.stop();
    expect(status).toBe(401);
  });
});

describe('stopping', () => {
  it('goes in order: consumers, streams, requests, connections', async () => {
    const service = await start();
    events.length = 0;
    streams = 0;
    const headers = { authorization: 'Bearer reader-token' };
    const slow = httpJson(`${service.url}/items/slow`, { headers });
    const stream = await fetch(`${service.url}/items/stream`, { headers });
    await waitFor(() => streams === 1 && events.includes('slow request'));
    expect(await service.stop()).toBe(true);
    expect((await slow).body).toEqual({ done: true });
    expect(await stream.text()).toContain('event: bye');
    expect(events).toEqual(['slow request', 'consumer closed', 'streams ended', 'connections closed']);
    await expect(fetch(service.url)).rejects.toThrow();
    expect(await service.stop()).toBe(true);
  });

  it('does not wait for a client that keeps an idle connection open', async () => {
    const { connect } = await import('node:net');
    const service = await start();
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    await once(socket, 'connect');
    await service.stop();
    socket.destroy();
  });
});

describe('a start that fails', () => {
  it('closes what it had opened, and throws', async () => {
    class Refuses extends OneEvent {
      override listen(): Promise<void> {
        throw new Error('no broker');
      }
    }
    const definition = { name: 'x', version: '0', config: z.object(serviceEnv), module: () => ItemsModule };
    events.length = 0;
    const failing = startService(
      { ...definition, strategies: () => [new Refuses()] },
      { SOMA_LOG_LEVEL: 'silent' },
    );
    await expect(failing).rejects.toThrow('no broker');
    expect(events).toContain('connections closed');
  });

  it('reports a tokens file that is not there as a configuration problem', async () => {
    await expect(start({ SOMA_AUTH_TOKENS_FILE: '/none' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('wants issuer and audience of the JWTs that a key set signs', async () => {
    const variable = (name: string) => expect.objectContaining({ variable: name }) as object;
    await expect(
      start({ SOMA_JWKS_URL: 'http://127.0.0.1:1/jwks.json', SOMA_HTTP_PORT: 'x' }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: ['SOMA_HTTP_PORT', 'SOMA_JWT_ISSUER', 'SOMA_JWT_AUDIENCE'].map(variable),
    });
  });
});
