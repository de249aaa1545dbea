import { randomUUID } from 'node:crypto';
import { Body, Controller, Headers, Inject, Post, Res } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, Problem } from '@soma/service-kit';
import type { FastifyReply } from 'fastify';
import type { Headers as RequestHeaders } from '../core/cloudevent.js';
import { fromPosted } from '../core/posted.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { post } from '../post.js';
import { NOTIFICATION_STORE, WAKE_UP } from '../tokens.js';
import { requireAddressable } from './access.js';
import { placementsAnswer } from './answers.js';
import { postedBody, postedBodyTypes, postedHeaders, readPosting } from './posting.js';
import { placementsView } from '../view.js';

/** Notifications from whoever has no way through Kafka: pipelines, scripts, senders of CloudEvents. */
@Controller('v1/notifications')
export class PostController {
  readonly #post;

  constructor(@Inject(NOTIFICATION_STORE) store: NotificationStore, @Inject(WAKE_UP) wakeUp: WakeUp) {
    this.#post = post(store, wakeUp);
  }

  @Post()
  @Operation({
    summary: 'Stores notifications or CloudEvents, once for each key',
    scopes: ['feed:write'],
    headers: postedHeaders,
    body: postedBody,
    bodyTypes: postedBodyTypes,
    status: 201,
    answer: placementsAnswer,
    problems: {
      400: 'a wrong body or header, with every error',
      413: 'more than 1 MiB',
      415: 'neither JSON nor CloudEvents',
      422: 'the Idempotency-Key of another body',
      503: 'the log does not answer: repeat it',
    },
  })
  async store(
    @CurrentCaller() caller: Caller,
    @Headers() headers: RequestHeaders,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const now = Date.now();
    const { key, items } = readPosting(headers, body, { caller: caller.id, newId: randomUUID });
    const entries = items.map(({ posted, origin }) => ({
      origin,
      notification: fromPosted(posted, { caller: caller.id, origin, now }),
    }));
    requireAddressable(
      caller,
      entries.flatMap(({ notification }) => notification.squads),
    );
    const posted = await this.#post({
      caller: caller.id,
      key,
      asked: items.map((item) => item.posted),
      entries,
    });
    if (posted.outcome === 'conflict')
      throw new Problem(
        422,
        'idempotency-key-reused',
        `the Idempotency-Key ${key} stands for a request with another body: take a new key`,
      );
    if (posted.outcome === 'replayed') reply.header('idempotent-replayed', 'true');
    return placementsView(posted.placements);
  }
}
