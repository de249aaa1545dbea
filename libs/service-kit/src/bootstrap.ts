import { writeSync } from 'node:fs';
import { maskUrls } from '@soma/telemetry';
import { ConfigError } from './config/config-error.js';
import { defaultShutdownMs } from './config/service-env.js';
import {
  type RunningService,
  type ServiceDefinition,
  type ServiceSchema,
  startService,
} from './lifecycle/service.js';

/** `EX_CONFIG` of sysexits.h. */
const configExitCode = 78;
const stderr = 2;

/**
 * Runs a service as this process: everything `startService` does, an orderly stop on SIGTERM and SIGINT (a second signal
 * ends it at once), exit code 78 with every problem on standard error if the configuration is wrong, and exit code 1
 * after an error that nobody caught or a shutdown that takes longer than SOMA_SHUTDOWN_TIMEOUT_MS.
 */
export async function bootstrap<S extends ServiceSchema>(definition: ServiceDefinition<S>): Promise<void> {
  let service: RunningService | undefined;
  const die = (what: string) => (error: unknown) => {
    if (service) service.logger.fatal({ err: error }, what);
    else writeSync(stderr, `${definition.name}: ${what}: ${text(error)}\n`);
    process.exit(1);
  };
  process.on('uncaughtException', die('an error that nobody caught'));
  process.on('unhandledRejection', die('a rejection that nobody handled'));

  const starting = startService(definition);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    const limitMs = service?.shutdownTimeoutMs ?? defaultShutdownMs;
    setTimeout(() => {
      die('the shutdown took too long')(new Error(`still not done after ${limitMs} ms`));
    }, limitMs);
    // A signal during the start waits for it: half a service cannot be stopped in order.
    starting
      .then(
        (running) => finish(running, signal),
        () => undefined,
      )
      .catch(die('the shutdown failed'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  try {
    service = await starting;
  } catch (error) {
    if (!(error instanceof ConfigError)) return die('cannot start')(error);
    writeSync(stderr, `${definition.name} ${definition.version} cannot start: ${error.message}\n`);
    process.exit(configExitCode);
  }
}

async function finish(service: RunningService, signal: NodeJS.Signals): Promise<never> {
  service.logger.info({ signal }, 'signal received');
  process.exit((await service.stop()) ? 0 : 1);
}

const text = (error: unknown): string =>
  maskUrls(error instanceof Error ? (error.stack ?? error.message) : String(error));
