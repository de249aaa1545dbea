import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, ZodPipe } from '@soma/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { parseCursor } from '../core/cursor.js';
import { list } from '../list.js';
import type { NotificationStore } from '../ports.js';
import { NOTIFICATION_STORE } from '../tokens.js';
import { notificationView } from '../view.js';
import { requireSquad } from './access.js';
import { listAnswer } from './answers.js';
import { listQuery } from './requests.js';

const notModified = 304;

/** Strong, because equal tags mean equal bytes (RFC 9110, 8.8.3). */
const entityTag = (json: string): string => `"${createHash('sha256').update(json).digest('base64url')}"`;

const matches = (asked: string | undefined, tag: string): boolean =>
  asked !== undefined && asked.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);

/** Pages of a squad's feed. */
@Controller('v1/notifications')
export class NotificationsController {
  constructor(@Inject(NOTIFICATION_STORE) private readonly store: NotificationStore) {}

  @Get()
  @Operation({
    summary: 'A page of a squad’s feed: newest first, or oldest first behind `after`',
    scopes: ['feed:read'],
    query: listQuery,
    headers: z.object({ 'if-none-match': z.string().optional() }),
    answer: listAnswer,
    problems: { 400: 'a wrong parameter', 503: 'the log does not answer' },
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(listQuery)) query: z.output<typeof listQuery>,
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof listAnswer> | undefined> {
    const { squad, limit, kind, severity, topic, since } = query;
    requireSquad(caller, squad);
    const { notifications, ...rest } = await list(this.store, {
      squad,
      after: parseCursor(query.after ?? ''),
      before: parseCursor(query.before ?? ''),
      limit,
      filter: { kinds: kind, severities: severity, topic, since },
    });
    const answer = { notifications: notifications.map(notificationView), ...rest };
    const tag = entityTag(JSON.stringify(answer));
    reply.header('etag', tag).header('cache-control', 'private, no-cache');
    if (!matches(known, tag)) return answer as z.output<typeof listAnswer>;
    reply.status(notModified);
    return undefined;
  }
}
