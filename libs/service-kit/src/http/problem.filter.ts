import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Logger } from '@soma/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER } from '../logging/logger.token.js';
import { traceIdOf } from './observe.js';
import { toProblem } from './problem.js';

const serverErrors = 500;

/** Answers every failed request with a problem document, and logs those that are the service's own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const traceId = traceIdOf(request);
    // The query may carry what does not belong into an answer or a log.
    const instance = request.url.split('?', 1)[0] ?? request.url;
    const { status, headers, body } = toProblem(error, { instance, traceId });
    if (status >= serverErrors)
      this.logger.error({ err: error, method: request.method, path: instance }, 'request failed');
    if (reply.sent || reply.raw.headersSent) {
      // A stream that fails half-way must not look complete.
      reply.raw.destroy();
      return;
    }
    // Nest's own 404 names the URL with its query.
    const detail = String(body['detail']).replaceAll(request.url, instance);
    void reply
      .code(status)
      .headers({ ...headers, 'content-type': 'application/problem+json; charset=utf-8' })
      .send(JSON.stringify({ ...body, detail }));
  }
}
