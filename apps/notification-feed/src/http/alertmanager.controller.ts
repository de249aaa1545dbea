import { Body, Controller, Inject, Post } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import { alertGroup, fromAlertGroup } from '../core/alertmanager.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { storeAndWake } from '../post.js';
import { NOTIFICATION_STORE, WAKE_UP } from '../tokens.js';
import { requireAddressable } from './access.js';
import { placementsAnswer } from './answers.js';
import { placementsView } from '../view.js';

/** Alerts, as the webhook receiver of Alertmanager sends them. */
@Controller('v1/alertmanager')
export class AlertmanagerController {
  readonly #store;

  constructor(@Inject(NOTIFICATION_STORE) store: NotificationStore, @Inject(WAKE_UP) wakeUp: WakeUp) {
    this.#store = storeAndWake(store, wakeUp);
  }

  @Post()
  @Operation({
    summary: 'Stores alerts, as version 4 of Alertmanager’s webhook sends them',
    scopes: ['feed:write'],
    body: alertGroup,
    status: 201,
    answer: placementsAnswer,
    problems: {
      400: 'a wrong body, with every error',
      413: 'more than 1 MiB',
      503: 'the log does not answer',
    },
  })
  async receive(
    @CurrentCaller() caller: Caller,
    @Body(new ZodPipe(alertGroup)) group: z.output<typeof alertGroup>,
  ) {
    const entries = fromAlertGroup(group);
    requireAddressable(
      caller,
      entries.flatMap(({ notification }) => notification.squads),
    );
    return placementsView(await this.#store(entries));
  }
}
