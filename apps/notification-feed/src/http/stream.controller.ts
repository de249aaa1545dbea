import { once } from 'node:events';
import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import {
  type Caller,
  CurrentCaller,
  LOGGER,
  parseRequest,
  Scopes,
  ShutdownRegistry,
  ZodPipe,
} from '@soma/service-kit';
import { gauge, type Logger } from '@soma/telemetry';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { sseHeartbeat, sseMessage } from '../core/sse.js';
import { follow } from '../follow.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { FEED_OPTIONS, NOTIFICATION_STORE, WAKE_UP } from '../tokens.js';
import { requireSquad } from './access.js';
import { streamHeaders, streamQuery } from './requests.js';
import { notificationView } from './view.js';

export interface FeedOptions {
  readonly pollMs: number;
  readonly heartbeatMs: number;
}

/** How long a client may take for the last bytes of a stream that has ended: it comes back with its cursor anyway. */
const lastBytesMs = 1_000;

/** A squad's feed as server-sent events: what is stored behind the cursor, then what happens. */
@Controller('v1/stream')
@Scopes('feed:read')
export class StreamController {
  readonly #subscribers = gauge({
    name: 'feed_subscribers',
    help: 'Open event streams.',
    labelNames: ['squad'],
  });

  constructor(
    @Inject(NOTIFICATION_STORE) private readonly store: NotificationStore,
    @Inject(WAKE_UP) private readonly wakeUp: WakeUp,
    @Inject(FEED_OPTIONS) private readonly options: FeedOptions,
    @Inject(ShutdownRegistry) private readonly shutdown: ShutdownRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get()
  async stream(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(streamQuery)) { squad, since }: z.output<typeof streamQuery>,
    @Headers('last-event-id') seen: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    requireSquad(caller, squad);
    const { 'last-event-id': lastSeen } = parseRequest(streamHeaders, { 'last-event-id': seen });
    const { raw } = reply;
    const ending = new AbortController();
    // From here on: a client that leaves while its cursor is looked up must not leave a stream behind.
    raw.on('close', () => ending.abort());
    const cursor = lastSeen ?? since ?? (await this.store.head(squad));
    reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Tells nginx, and proxies that follow it, to pass each message on at once.
      'x-accel-buffering': 'no',
    });
    const forget = this.shutdown.onShutdown(() => ending.abort());
    this.#subscribers.inc({ squad });
    try {
      await this.#send(raw, squad, cursor, ending.signal);
    } catch (error) {
      // The client comes back with its cursor, to this replica or another one.
      if (!ending.signal.aborted) this.logger.warn({ err: error, squad }, 'stream ended early');
    } finally {
      this.#subscribers.dec({ squad });
      forget();
      raw.end();
      // A client that does not read would hold up the shutdown.
      const timer = setTimeout(() => raw.destroy(), lastBytesMs);
      raw.on('close', () => clearTimeout(timer));
    }
  }

  async #send(raw: FastifyReply['raw'], squad: string, after: string, signal: AbortSignal): Promise<void> {
    const { pollMs, heartbeatMs } = this.options;
    let lastWrite = performance.now();
    const write = async (text: string): Promise<void> => {
      lastWrite = performance.now();
      // A slow reader holds one page in memory: the next is read when this one has left.
      if (!raw.write(text)) await once(raw, 'drain', { signal });
    };
    await write(`retry: 1000\n${sseHeartbeat}`);
    for await (const page of follow(this.store, this.wakeUp, { squad, after, signal, pollMs })) {
      if (page.length > 0) {
        const messages = page.map((one) =>
          sseMessage({ id: one.position, event: 'notification', data: notificationView(one) }),
        );
        await write(messages.join(''));
      } else if (performance.now() - lastWrite >= heartbeatMs) {
        await write(sseHeartbeat);
      }
    }
  }
}
