import { rmSync } from 'node:fs';
import type { Platform } from './control/client.js';
import { serveControl } from './control/server.js';
import type { EnvVars } from './env-file.js';
import { platformHome, platformPaths } from './home.js';
import { LocalPlatform } from './local-platform.js';
import type { ServerName } from './names.js';
import { claim, type Owner } from './process/owner.js';
import type { KafkaOperations } from './servers/server.js';
import { claimHome } from './site.js';
import type { OnProgress } from './status.js';

/** How to start a platform. */
export interface PlatformOptions {
  /** Where its state lives; default: {@link platformHome}. */
  readonly home?: string;
  /** Variables that name external servers and the cache; default: the process' own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly kafka: KafkaOperations;
  readonly onProgress?: OnProgress;
  /** Gives a start up again, as `down` does. */
  readonly signal?: AbortSignal;
}

/** A platform whose servers are children of this process; they end with it, however it ends. */
export interface OwnedPlatform extends Platform {
  /** The admin's connection variables, as in `platform.env`. */
  readonly env: EnvVars;
  /** Settles when the platform is given up: by `down`, also when another process asked for it. */
  readonly closed: Promise<void>;
}

/** Claims `home` and listens on its control socket, without starting a server yet. Throws `already-running`. */
export const openPlatform = async (
  options: Pick<PlatformOptions, 'home' | 'env' | 'kafka'>,
  kind: Owner['kind'],
): Promise<OwnedPlatform> => {
  const paths = platformPaths(options.home ?? platformHome(options.env));
  claimHome(paths);
  const release = claim(paths.owner, kind);
  const platform = new LocalPlatform(paths, options.env ?? process.env, options.kafka);
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;
  const shutDown = async (onProgress: OnProgress): Promise<void> => {
    await platform.down(onProgress);
    rmSync(paths.controlSocket, { force: true });
    release();
    // Not awaited: the request that asked for this is one of those that must end first.
    void stopListening().then(close);
  };
  const down = (onProgress: OnProgress = () => undefined): Promise<void> =>
    (closing ??= shutDown(onProgress));
  const stopListening = await serveControl(paths.controlSocket, { platform, close: down });
  const on = async (
    name: ServerName,
    action: 'start' | 'stop' | 'kill' | 'pause' | 'continue',
  ): Promise<void> => platform.server(name)[action]();
  return {
    home: paths.home,
    closed,
    get env() {
      return platform.env;
    },
    up: (onProgress) => platform.up(onProgress),
    down,
    status: () => platform.status(),
    start: (name) => on(name, 'start'),
    stop: (name) => on(name, 'stop'),
    kill: (name) => on(name, 'kill'),
    pause: (name) => on(name, 'pause'),
    continue: (name) => on(name, 'continue'),
    ensurePrincipals: (requests) => platform.ensurePrincipals(requests),
  };
};

/**
 * Starts the platform as children of this process and waits until every server is healthy.
 * Throws a {@link PlatformError}; whatever had started is stopped again.
 */
export const startPlatform = async (options: PlatformOptions): Promise<OwnedPlatform> => {
  options.signal?.throwIfAborted();
  const platform = await openPlatform(options, 'process');
  const abort = (): void => void platform.down();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    await platform.up(options.onProgress);
    options.signal?.throwIfAborted();
    return platform;
  } catch (error) {
    await platform.down();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
};
