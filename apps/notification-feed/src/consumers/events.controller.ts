import { Controller, Inject } from '@nestjs/common';
import type { EventOf } from '@soma/contracts';
import { type EventContext, EventPattern } from '@soma/kafka';
import { fromBillingEvent, fromInfraNotification, fromSettingsChanged } from '../core/notification.js';
import type { ApplyRules } from '../apply-rules.js';
import { ingest } from '../ingest.js';
import { observeIngest } from '../ingest-metrics.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { APPLY_RULES, NOTIFICATION_STORE, WAKE_UP } from '../tokens.js';

/** Events in one transaction: large enough that the commit is not what takes the time, small enough to retry. */
const batch = 1_000;

/** Squad topics, as they enter the feed: as rows of their own, and as what squads' rules make of them. */
@Controller()
export class EventsController {
  readonly #ingest;

  constructor(
    @Inject(NOTIFICATION_STORE) store: NotificationStore,
    @Inject(WAKE_UP) wakeUp: WakeUp,
    @Inject(APPLY_RULES) private readonly applyRules: ApplyRules,
  ) {
    this.#ingest = ingest(store, wakeUp);
  }

  @EventPattern('infra.notifications', { batch })
  async onInfraNotifications(
    _: EventOf<'infra.notifications'>[],
    { events }: EventContext<'infra.notifications'>,
  ): Promise<void> {
    await this.#ingest(events, fromInfraNotification);
    observeIngest(events, Date.now());
    await this.applyRules(events);
  }

  @EventPattern('settings.changed', { batch })
  async onSettingsChanged(
    _: EventOf<'settings.changed'>[],
    { events }: EventContext<'settings.changed'>,
  ): Promise<void> {
    await this.#ingest(events, fromSettingsChanged);
    observeIngest(events, Date.now());
    await this.applyRules(events);
  }

  @EventPattern('billing.events', { batch })
  async onBillingEvents(
    _: EventOf<'billing.events'>[],
    { events }: EventContext<'billing.events'>,
  ): Promise<void> {
    await this.#ingest(events, fromBillingEvent);
    observeIngest(events, Date.now());
    await this.applyRules(events);
  }

  @EventPattern('policy.decisions', { batch })
  async onPolicyDecisions(
    _: EventOf<'policy.decisions'>[],
    { events }: EventContext<'policy.decisions'>,
  ): Promise<void> {
    await this.applyRules(events);
    observeIngest(events, Date.now());
  }

  @EventPattern('constitution.updated', { batch })
  async onConstitutionUpdated(
    _: EventOf<'constitution.updated'>[],
    { events }: EventContext<'constitution.updated'>,
  ): Promise<void> {
    await this.applyRules(events);
    observeIngest(events, Date.now());
  }

  @EventPattern('identity.audit', { batch })
  async onIdentityAudit(
    _: EventOf<'identity.audit'>[],
    { events }: EventContext<'identity.audit'>,
  ): Promise<void> {
    await this.applyRules(events);
    observeIngest(events, Date.now());
  }
}
