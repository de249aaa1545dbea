import type { Logger } from '@soma/telemetry';
import type { RedisConfig } from './config.js';
import { Connection } from './connection.js';
import { RedisUnavailable } from './errors.js';
import { type Listener, Subscriptions } from './subscriptions.js';

const healthLimitMs = 900;

/**
 * Redis, for what may be lost. Each key and channel gets the prefix `<name>:`, the only one the service's user may
 * touch. While the server is away every call fails at once with RedisUnavailable; connections come back by themselves.
 */
export interface Redis {
  /** Sends a message to whoever listens now. */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Calls `listener` with each message from now on; call the answer to end it. Messages sent while the connection is
   * away are lost: look at the truth behind them now and then.
   */
  subscribe(channel: string, listener: Listener): Promise<() => Promise<void>>;
  get(key: string): Promise<string | undefined>;
  /** Stores a value, for `ttlMs` milliseconds if given. */
  set(key: string, value: string, options?: { readonly ttlMs?: number }): Promise<void>;
  delete(key: string): Promise<void>;
  /** Resolves if the server answers within 900 ms, and rejects with RedisUnavailable if not. */
  health(): Promise<void>;
  /** Closes the connections for good. Safe to call twice. */
  quit(): Promise<void>;
}

export interface RedisOptions {
  readonly logger: Logger;
  /** Name of the service, the prefix of its keys and channels. */
  readonly name: string;
}

/** Connects in the background. Losing the server never ends the process. */
export function createRedis(config: RedisConfig, { logger, name }: RedisOptions): Redis {
  const commands = new Connection(config, 'commands', logger);
  const subscriptions = new Subscriptions(config, logger);
  const own = (key: string): string => `${name}:${key}`;
  let ended: Promise<unknown> | undefined;
  return {
    publish: async (channel, message) => {
      await commands.run((client) => client.publish(own(channel), message));
    },
    subscribe: (channel, listener) => subscriptions.add(own(channel), listener),
    get: async (key) => (await commands.run((client) => client.get(own(key)))) ?? undefined,
    set: async (key, value, { ttlMs } = {}) => {
      await commands.run((client) =>
        ttlMs === undefined ? client.set(own(key), value) : client.set(own(key), value, 'PX', ttlMs),
      );
    },
    delete: async (key) => {
      await commands.run((client) => client.del(own(key)));
    },
    health: () => withinLimit(commands.run((client) => client.ping())),
    quit: async () => {
      ended ??= Promise.all([commands.quit(), subscriptions.quit()]);
      await ended;
    },
  };
}

async function withinLimit(answer: Promise<unknown>): Promise<void> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    limit.reject(new RedisUnavailable(new Error(`no answer within ${healthLimitMs} ms`)));
  }, healthLimitMs);
  try {
    await Promise.race([answer, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
