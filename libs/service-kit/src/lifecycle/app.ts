import type { AddressInfo } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from '@soma/telemetry';
import type { TokenSource } from '../auth/token-file.js';
import { observeRequests, requestId } from '../http/observe.js';
import { trackRoutes } from '../http/routes.js';
import { KitModule } from '../kit.module.js';
import { NestLogger } from '../logging/nest-logger.js';

const bodyLimitBytes = 1_048_576;
/** A client gets this long to send its request, and its headers; answers may take longer. */
const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
const reapIdleMs = 50;

/** Makes the Nest application of a service, with what the kit puts around it; listens to nothing yet. */
export async function createApp(
  service: Type | DynamicModule,
  logger: Logger,
  tokens: TokenSource,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    trustProxy: false,
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs },
    genReqId: requestId,
  });
  trackRoutes(adapter.getInstance());
  observeRequests(adapter.getInstance(), logger);
  return NestFactory.create<NestFastifyApplication>(KitModule.around(service, logger, tokens), adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
}

/** Lets requests finish, closes the server, and runs the modules' `onApplicationShutdown`. */
export async function closeApp(app: NestFastifyApplication): Promise<void> {
  // The server closes idle connections once; one that is idle later would hold it until the keep-alive time is over.
  const server = app.getHttpServer();
  const reaper = setInterval(() => {
    server.closeIdleConnections();
  }, reapIdleMs);
  try {
    await app.close();
  } finally {
    clearInterval(reaper);
  }
}

/** Where the application listens, as a client on this machine reaches it. */
export function urlOf(app: NestFastifyApplication): string {
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  const host =
    address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
