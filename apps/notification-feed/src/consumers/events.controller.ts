import { Controller, Inject } from '@nestjs/common';
import type { EventOf } from '@soma/contracts';
import { type EventContext, EventPattern } from '@soma/kafka';
import { fromBillingEvent, fromInfraNotification, fromSettingsChanged } from '../core/notification.js';
import { ingest } from '../ingest.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { NOTIFICATION_STORE, WAKE_UP } from '../tokens.js';

/** Events in one transaction: large enough that the commit is not what takes the time, small enough to retry. */
const batch = 1_000;

/** Squad topics, as they enter the feed. */
@Controller()
export class EventsController {
  readonly #ingest;

  constructor(@Inject(NOTIFICATION_STORE) store: NotificationStore, @Inject(WAKE_UP) wakeUp: WakeUp) {
    this.#ingest = ingest(store, wakeUp);
  }

  @EventPattern('infra.notifications', { batch })
  async onInfraNotifications(
    _: EventOf<'infra.notifications'>[],
    { events }: EventContext<'infra.notifications'>,
  ): Promise<void> {
    await this.#ingest(events, fromInfraNotification);
  }

  @EventPattern('settings.changed', { batch })
  async onSettingsChanged(
    _: EventOf<'settings.changed'>[],
    { events }: EventContext<'settings.changed'>,
  ): Promise<void> {
    await this.#ingest(events, fromSettingsChanged);
  }

  @EventPattern('billing.events', { batch })
  async onBillingEvents(
    _: EventOf<'billing.events'>[],
    { events }: EventContext<'billing.events'>,
  ): Promise<void> {
    await this.#ingest(events, fromBillingEvent);
  }
}
