import { readFileSync } from 'node:fs';
import { isNativeError } from 'node:util/types';
import type { Logger } from '@soma/telemetry';
import { Redis as Client } from 'ioredis';
import type { RedisConfig } from './config.js';
import { RedisUnavailable } from './errors.js';

const connectTimeoutMs = 2_000;
const commandTimeoutMs = 2_000;
const firstAttemptMs = 900;
const firstDelayMs = 50;
const longestDelayMs = 5_000;
/** 50 ms doubled this often is above the longest delay. */
const mostDoublings = 7;

/** Delay before the next attempt to connect, in milliseconds: doubled each time, up to five seconds, forever. */
export const reconnectDelay = (attempt: number, random = Math.random): number => {
  const delay = Math.min(firstDelayMs * 2 ** Math.min(attempt - 1, mostDoublings), longestDelayMs);
  // Spread, or every client of a restarted server comes back in the same instant.
  return Math.round(delay * (0.5 + random() / 2));
};

/** ioredis puts the command on its errors, with all arguments: passwords and stored values, on their way to a log. */
function withoutCommand<E>(error: E): E {
  if (isNativeError(error) && 'command' in error) delete error.command;
  return error;
}

/** One connection that comes back by itself, refuses commands at once while it is away, and never throws on its own. */
export class Connection {
  readonly client: Client;
  private readonly firstAttempt: Promise<void>;
  private lastError: Error | undefined;
  private up: boolean | undefined;
  private quitting = false;

  constructor(
    { SOMA_REDIS_URL: url, SOMA_REDIS_CA_FILE: caFile }: RedisConfig,
    private readonly purpose: string,
    private readonly logger: Logger,
  ) {
    this.client = new Client(url, {
      ...(caFile !== undefined && { tls: { ca: readFileSync(caFile, 'utf8') } }),
      connectTimeout: connectTimeoutMs,
      commandTimeout: commandTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      // Its resubscription has no handler for a refusal, which would end the process.
      autoResubscribe: false,
      // Both need commands that a least-privilege user may not run.
      enableReadyCheck: false,
      disableClientInfo: true,
      retryStrategy: reconnectDelay,
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.client.on('error', (error) => (this.lastError = withoutCommand(error)));
    this.client.on('ready', () => {
      this.report(true);
    });
    this.client.on('close', () => {
      this.report(false);
    });
    this.firstAttempt = new Promise((resolve) => {
      const timer = setTimeout(resolve, firstAttemptMs);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.client.once('ready', settle);
      this.client.once('close', settle);
    });
  }

  /**
   * Runs a command. Waits for the first attempt to connect, and never for a later one.
   *
   * @throws RedisUnavailable if there is no connection, or it is lost or silent for two seconds; the server's own error
   * if it refuses the command.
   */
  async run<T>(command: (client: Client) => Promise<T>): Promise<T> {
    await this.firstAttempt;
    if (this.client.status !== 'ready') throw new RedisUnavailable(this.lastError);
    try {
      return await command(this.client);
    } catch (error) {
      const cause = withoutCommand(error);
      throw isNativeError(cause) && cause.name === 'ReplyError' ? cause : new RedisUnavailable(cause);
    }
  }

  /** Closes the connection for good, politely if the server still answers. */
  async quit(): Promise<void> {
    this.quitting = true;
    if (this.client.status === 'ready') await this.client.quit().catch(() => undefined);
    this.client.disconnect();
  }

  /** A server that stays away is one log line, and not one for each attempt. */
  private report(up: boolean): void {
    if (up === this.up || this.quitting) return;
    const again = this.up === false;
    this.up = up;
    const { purpose } = this;
    if (!up) this.logger.warn({ purpose, err: this.lastError }, 'redis is away');
    else if (again) this.logger.info({ purpose }, 'redis is back');
  }
}
