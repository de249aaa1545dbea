import type { DynamicModule, Type } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  createLogger,
  type Logger,
  type SpanProcessor,
  startTelemetry,
  type Telemetry,
} from '@soma/telemetry';
import type { z } from 'zod';
import { authenticatorFor } from '../auth/authenticator-for.js';
import { loadConfig } from '../config/load-config.js';
import { checkedTogether, type ServiceConfig } from '../config/service-env.js';
import { HealthRegistry } from '../health/health.registry.js';
import { type CreatedApp, createApp, urlOf } from './app.js';
import { ShutdownRegistry } from './shutdown.registry.js';

/** A schema that spreads {@link serviceEnv}. */
export type ServiceSchema = z.ZodObject & z.ZodType<ServiceConfig>;

type MaybePromise<T> = T | Promise<T>;

/** What makes a service this one. */
export interface ServiceDefinition<S extends ServiceSchema> {
  /** As its folder under `apps/` spells it. */
  readonly name: string;
  readonly version: string;
  readonly config: S;
  module(config: z.output<S>): DynamicModule | Type;
  /** The transports whose events the service handles; they start once HTTP answers, and stop before it closes. */
  strategies?(
    app: NestFastifyApplication,
    config: z.output<S>,
  ): MaybePromise<readonly CustomTransportStrategy[]>;
  /** See `startTelemetry`. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/** A service that runs in this process. */
export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Base URL, without a slash at its end. */
  readonly url: string;
  readonly logger: Logger;
  readonly shutdownTimeoutMs: number;
  /**
   * Stops in order: not ready, consumers, streams, HTTP with what it was doing, connections, telemetry. Goes on after a
   * step that fails, and answers whether all went well. Safe to call twice.
   */
  stop(): Promise<boolean>;
}

/**
 * Starts a service in this process and leaves the process alone: no signal handlers, no exit. `bootstrap` is this for a
 * process of its own.
 *
 * @throws ConfigError if the environment or the tokens file is wrong, and whatever the service's module throws.
 */
export async function startService<S extends ServiceSchema>(
  definition: ServiceDefinition<S>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RunningService> {
  const { name, version, spanProcessors } = definition;
  const config = loadConfig(checkedTogether(definition.config), env);
  const base: ServiceConfig = config;
  const logger = createLogger({ service: name, level: base.SOMA_LOG_LEVEL });
  const authenticator = await authenticatorFor(base, logger);
  const telemetry = startTelemetry({ service: name, version, ...(spanProcessors && { spanProcessors }) });

  let created: CreatedApp | undefined;
  try {
    created = await createApp(definition.module(config), logger, authenticator);
    const { app } = created;
    const strategies = ((await definition.strategies?.(app, config)) ?? []).map(closingOnce);
    for (const strategy of strategies) app.connectMicroservice({ strategy });
    const health = app.get(HealthRegistry);
    await app.listen(base.SOMA_HTTP_PORT, base.SOMA_HTTP_HOST);
    const url = urlOf(app);
    logger.info({ url, pid: process.pid, version }, 'listening');
    await app.startAllMicroservices();
    health.enter('ready');
    logger.info('ready');
    const stop = once(stopping(created, strategies, telemetry, logger));
    return { app, url, logger, shutdownTimeoutMs: base.SOMA_SHUTDOWN_TIMEOUT_MS, stop };
  } catch (error) {
    await created?.close().catch((cause: unknown) => {
      logger.error({ err: cause }, 'could not clean up after the failed start');
    });
    await telemetry.shutdown();
    throw error;
  }
}

function stopping(
  { app, close }: CreatedApp,
  strategies: readonly CustomTransportStrategy[],
  telemetry: Telemetry,
  logger: Logger,
): () => Promise<boolean> {
  return async () => {
    let clean = true;
    const step = async (what: string, work: () => unknown): Promise<void> => {
      try {
        await work();
      } catch (error) {
        clean = false;
        logger.error({ err: error }, `could not ${what}`);
      }
    };
    logger.info('stopping');
    app.get(HealthRegistry).enter('stopping');
    const stopConsuming = strategies.map((strategy) =>
      step('stop consuming', (): unknown => strategy.close()),
    );
    await Promise.all(stopConsuming);
    await step('end the streams', async () => {
      const failures = await app.get(ShutdownRegistry).run();
      if (failures.length > 0) throw new AggregateError(failures);
    });
    await step('close the application', close);
    logger.info({ clean }, 'stopped');
    await telemetry.shutdown();
    return clean;
  };
}

/** Nest closes each strategy once more when it closes the application; a second close may hang or throw. */
function closingOnce(strategy: CustomTransportStrategy): CustomTransportStrategy {
  strategy.close = once(strategy.close.bind(strategy) as () => unknown);
  return strategy;
}

function once<T>(work: () => T): () => T {
  let done: { result: T } | undefined;
  return () => (done ??= { result: work() }).result;
}
