import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  type Context,
  context,
  histogram,
  type Logger,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@soma/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const serverErrors = 500;
const msPerSecond = 1_000;
const requestIdForm = /^[\w.:-]{1,128}$/;
const probes = /^\/(health\/|metrics)/;

interface Observed {
  readonly span: Span | undefined;
  readonly context: Context;
}

const observed = new WeakMap<IncomingMessage, Observed>();

/** Takes over the caller's request id if it is a harmless one, and makes one otherwise. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && requestIdForm.test(given) ? given : randomUUID();
}

/** The id of the trace that a request belongs to, undefined for probes. */
export const traceIdOf = (request: FastifyRequest): string | undefined =>
  observed.get(request.raw)?.span?.spanContext().traceId;

/**
 * Gives each request a server span (child of its `traceparent`), the metric `http_request_duration_seconds`, the header
 * `x-request-id` and one log line. Probes get the metric alone. Register before any route.
 */
export function observeRequests(server: FastifyInstance, logger: Logger): void {
  const duration = histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the last byte of its answer; streams are not counted',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });

  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const started = begin(request);
    observed.set(request.raw, started);
    context.with(started.context, done);
  });
  // The body arrives in events of the socket, outside the context of onRequest: enter it again.
  server.addHook('preValidation', (request, _reply, done) => {
    context.with(observed.get(request.raw)?.context ?? context.active(), done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = routeOf(request);
    if (!isStream(reply)) {
      const labels = { method: request.method, route, status: String(reply.raw.statusCode) };
      duration.observe(labels, reply.elapsedTime / msPerSecond);
    }
    end(request, reply, route, logger);
    done();
  });
}

function begin(request: FastifyRequest): Observed {
  if (probes.test(request.url)) return { span: undefined, context: ROOT_CONTEXT };
  const parent = propagation.extract(ROOT_CONTEXT, request.headers);
  const attributes = {
    'http.request.method': request.method,
    'url.path': pathOf(request),
    'url.scheme': request.protocol,
    'soma.request_id': request.id,
  };
  const span = trace
    .getTracer('@soma/service-kit')
    .startSpan(request.method, { kind: SpanKind.SERVER, attributes }, parent);
  return { span, context: trace.setSpan(parent, span) };
}

function end(request: FastifyRequest, reply: FastifyReply, route: string, logger: Logger): void {
  const { span, context: active } = observed.get(request.raw) ?? {};
  if (!span || !active) return;
  const status = reply.raw.statusCode;
  span.updateName(`${request.method} ${route}`);
  span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
  if (status >= serverErrors) span.setStatus({ code: SpanStatusCode.ERROR });
  context.with(active, () => {
    const fields = { method: request.method, path: pathOf(request), route, status, request_id: request.id };
    logger.info({ ...fields, duration_ms: Math.round(reply.elapsedTime) }, 'request');
  });
  span.end();
}

/** The pattern, not the path: a metric per id would never end. */
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'unmatched';

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? request.url;

const isStream = (reply: FastifyReply): boolean => {
  const type = reply.raw.getHeader('content-type');
  return typeof type === 'string' && type.startsWith('text/event-stream');
};
