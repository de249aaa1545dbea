import { Inject, Injectable, type OnApplicationBootstrap, type Provider } from '@nestjs/common';
import type { Postgres } from '@soma/postgres';
import { LOGGER, ShutdownRegistry } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { createDeliveryStore } from './adapters/webhook-deliveries.js';
import { createWebhookSender } from './adapters/webhook-sender.js';
import { createWebhookStore } from './adapters/webhook-store.js';
import type { Config } from './config.js';
import { WebhookAccess } from './http/webhook-access.js';
import { WebhookDeliveriesController } from './http/webhook-deliveries.controller.js';
import { WebhookKeysController } from './http/webhook-keys.controller.js';
import { WebhooksController } from './http/webhooks.controller.js';
import type { WakeUp } from './ports.js';
import { DELIVERY_STORE, POSTGRES, WAKE_UP, WEBHOOK_PARTS, WEBHOOK_STORE, WEBHOOKS } from './tokens.js';
import type { AttemptParts } from './webhooks/attempt.js';
import { Courier } from './webhooks/courier.js';
import { createKeyBox } from './webhooks/key-box.js';
import { createWebhookMetrics } from './webhooks/metrics.js';
import type { DeliveryStore, WebhookStore } from './webhooks/ports.js';
import { createWebhooks } from './webhooks/webhooks.js';

const COURIER = Symbol('Courier');

/** Beyond the time that an attempt may take: for signing it and writing it down. */
const leaseMarginMs = 5_000;

/** Runs the courier as long as the application runs. */
@Injectable()
class CourierRun implements OnApplicationBootstrap {
  constructor(
    @Inject(COURIER) private readonly courier: Courier | undefined,
    @Inject(ShutdownRegistry) private readonly shutdown: ShutdownRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const { courier } = this;
    if (!courier) {
      this.logger.info('no webhooks: FEED_WEBHOOK_KEY is not set');
      return;
    }
    courier.start();
    this.shutdown.onShutdown(() => courier.stop());
  }
}

export const webhookControllers = [WebhooksController, WebhookKeysController, WebhookDeliveriesController];

/** Everything of webhooks, on the database and the wake-up of the application. */
export const webhookProviders = (config: Config): Provider[] => [
  { provide: WEBHOOK_STORE, inject: [POSTGRES], useFactory: createWebhookStore },
  {
    provide: DELIVERY_STORE,
    inject: [POSTGRES],
    useFactory: (postgres: Postgres) => createDeliveryStore(postgres),
  },
  {
    provide: WEBHOOK_PARTS,
    inject: [WEBHOOK_STORE, DELIVERY_STORE],
    useFactory: (webhooks: WebhookStore, deliveries: DeliveryStore): AttemptParts | undefined =>
      config.FEED_WEBHOOK_KEY && {
        webhooks,
        deliveries,
        sender: createWebhookSender({
          allowed: config.FEED_WEBHOOK_ALLOWED_RANGES,
          timeoutMs: config.FEED_WEBHOOK_TIMEOUT_MS,
        }),
        box: createKeyBox(config.FEED_WEBHOOK_KEY),
        metrics: createWebhookMetrics(),
        retries: config.FEED_WEBHOOK_RETRIES,
      },
  },
  {
    provide: WEBHOOKS,
    inject: [WEBHOOK_PARTS],
    useFactory: (parts: AttemptParts | undefined) =>
      parts && createWebhooks({ ...parts, store: parts.webhooks }),
  },
  {
    provide: COURIER,
    inject: [WEBHOOK_PARTS, WAKE_UP, LOGGER],
    useFactory: (parts: AttemptParts | undefined, wakeUp: WakeUp, logger: Logger) =>
      parts &&
      new Courier({
        ...parts,
        wakeUp,
        logger,
        pollMs: config.FEED_POLL_MS,
        leaseMs: config.FEED_WEBHOOK_TIMEOUT_MS + leaseMarginMs,
      }),
  },
  WebhookAccess,
  CourierRun,
];
