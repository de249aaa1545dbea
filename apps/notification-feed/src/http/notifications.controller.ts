import { Controller, Get, Inject, Query } from '@nestjs/common';
import { type Caller, CurrentCaller, Scopes, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import type { NotificationStore } from '../ports.js';
import { NOTIFICATION_STORE } from '../tokens.js';
import { requireSquad } from './access.js';
import { listQuery } from './requests.js';
import { notificationView } from './view.js';

/** Pages of a squad's feed. */
@Controller('v1/notifications')
@Scopes('feed:read')
export class NotificationsController {
  constructor(@Inject(NOTIFICATION_STORE) private readonly store: NotificationStore) {}

  @Get()
  async list(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(listQuery)) query: z.output<typeof listQuery>,
  ) {
    const { squad, after, before, limit } = query;
    requireSquad(caller, squad);
    const page =
      after === undefined
        ? await this.store.before(squad, before, limit)
        : await this.store.after(squad, after, limit);
    return { notifications: page.map(notificationView) };
  }
}
