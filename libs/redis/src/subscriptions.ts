import type { Logger } from '@soma/telemetry';
import type { RedisConfig } from './config.js';
import { Connection } from './connection.js';

/** Gets each message of a channel. */
export type Listener = (message: string) => void | Promise<void>;

/** Who listens to which channel, through one connection that is made for the first of them. */
export class Subscriptions {
  private readonly listeners = new Map<string, Set<Listener>>();
  private connection: Connection | undefined;

  constructor(
    private readonly config: RedisConfig,
    private readonly logger: Logger,
  ) {}

  /** Adds a listener; resolves when the channel is subscribed, or at once if Redis is away and will be asked later. */
  async add(channel: string, listener: Listener): Promise<() => Promise<void>> {
    this.connection ??= this.connect();
    const present = this.listeners.get(channel);
    if (present) present.add(listener);
    else this.listeners.set(channel, new Set([listener]));
    await this.subscribe(channel);
    return () => this.remove(channel, listener);
  }

  async quit(): Promise<void> {
    this.listeners.clear();
    await this.connection?.quit();
  }

  private async remove(channel: string, listener: Listener): Promise<void> {
    const present = this.listeners.get(channel);
    if (!present?.delete(listener) || present.size > 0) return;
    this.listeners.delete(channel);
    await this.connection?.run((client) => client.unsubscribe(channel)).catch(() => undefined);
  }

  private connect(): Connection {
    const connection = new Connection(this.config, 'subscribe', this.logger);
    connection.client.on('ready', () => {
      for (const channel of this.listeners.keys()) void this.subscribe(channel);
    });
    connection.client.on('message', (channel: string, message: string) => {
      for (const listener of this.listeners.get(channel) ?? []) void this.tell(channel, listener, message);
    });
    return connection;
  }

  private async subscribe(channel: string): Promise<void> {
    try {
      await this.connection?.run((client) => client.subscribe(channel));
    } catch (error) {
      this.logger.warn(
        { channel, err: error },
        'redis channel not subscribed; again with the next connection',
      );
    }
  }

  private async tell(channel: string, listener: Listener, message: string): Promise<void> {
    try {
      await listener(message);
    } catch (error) {
      this.logger.error({ channel, err: error }, 'a redis listener failed');
    }
  }
}
