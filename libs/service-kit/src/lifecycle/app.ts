import type { AddressInfo } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@soma/telemetry';
import type { Authenticator } from '../auth/authenticator.js';
import { refuseUnreadable, refuseUnroutable } from '../http/early-refusals.js';
import { observeRequests, requestId } from '../http/observe.js';
import { trackRoutes } from '../http/routes.js';
import { KitModule } from '../kit.module.js';
import { NestLogger } from '../logging/nest-logger.js';
import { watchConnections } from './connections.js';

const bodyLimitBytes = 1_048_576;
/** A client gets this long to send its request, and its headers; answers may take longer. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;

/** A Nest application and the way to end it. */
export interface CreatedApp {
  readonly app: NestFastifyApplication;
  /** Lets requests finish, closes the server, and runs the modules' `onApplicationShutdown`. */
  readonly close: () => Promise<void>;
}

/** Makes the Nest application of a service, with what the kit puts around it; listens to nothing yet. */
export async function createApp(
  service: Type | DynamicModule,
  logger: Logger,
  authenticator: Authenticator,
): Promise<CreatedApp> {
  const unreadable = refuseUnreadable();
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    trustProxy: false,
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs },
    genReqId: requestId,
    frameworkErrors: refuseUnroutable,
    clientErrorHandler: unreadable.refuse,
  });
  const server = adapter.getInstance();
  // Media types that are JSON by their name, such as that of CloudEvents (RFC 6839).
  server.addContentTypeParser(
    /^application\/[\w.-]+\+json/,
    { parseAs: 'string' },
    server.getDefaultJsonParser('error', 'error'),
  );
  trackRoutes(server);
  observeRequests(server, logger);
  unreadable.watch(server.server);
  const connections = watchConnections(server.server);
  const app = await NestFactory.create<NestFastifyApplication>(
    KitModule.around(service, logger, authenticator),
    adapter,
    { logger: new NestLogger(logger), abortOnError: false },
  );
  return { app, close: () => connections.releaseIdleWhile(app.close()) };
}

/** Where the application listens, as a client on this machine reaches it. */
export function urlOf(app: NestFastifyApplication): string {
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  const host =
    address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
