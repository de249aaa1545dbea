import { randomUUID } from 'node:crypto';
import { testBody } from '../core/webhooks/message.js';
import type { KeyKind } from '../core/webhooks/signature.js';
import type { TargetProblem } from '../core/webhooks/target.js';
import { sign } from './attempt.js';
import type { KeyBox, MadeKey } from './key-box.js';
import type {
  Delivery,
  DeliveryStore,
  Sender,
  Webhook,
  WebhookChange,
  WebhookSpec,
  WebhookStore,
} from './ports.js';

export interface WebhooksParts {
  readonly store: WebhookStore;
  readonly deliveries: DeliveryStore;
  readonly sender: Sender;
  readonly box: KeyBox;
}

export type Created =
  | { readonly ok: true; readonly webhook: Webhook; readonly made: MadeKey }
  | { readonly ok: false; readonly problem: TargetProblem };

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a row that was just written is not there');
  return value;
};

/** What owners do with their webhooks. */
export const createWebhooks = ({ store, deliveries, sender, box }: WebhooksParts) => ({
  create: async (spec: WebhookSpec, kind: KeyKind, createdBy: string): Promise<Created> => {
    const problem = await sender.check(spec.url);
    if (problem) return { ok: false, problem };
    const id = randomUUID();
    const made = box.make(id, kind);
    await store.create({ ...spec, id, createdBy }, made.key);
    return { ok: true, webhook: found(await store.find(id)), made };
  },

  /** Answers why not, if the new URL may not be asked. */
  change: async (id: string, change: WebhookChange, by: string): Promise<TargetProblem | undefined> => {
    const problem = change.url === undefined ? undefined : await sender.check(change.url);
    if (!problem) await store.update(id, change, by);
    return problem;
  },

  /** Undefined if the webhook was removed meanwhile. */
  addKey: async (
    webhook: string,
    kind: KeyKind,
    overlapMs: number,
    by: string,
  ): Promise<MadeKey | undefined> => {
    const made = box.make(webhook, kind);
    return (await store.addKey(webhook, made.key, overlapMs, by)) ? made : undefined;
  },

  /**
   * Sends a test message now, also for a webhook that is disabled; it changes nothing but the log. Undefined if
   * the webhook was removed meanwhile.
   */
  test: async (webhook: Webhook): Promise<Delivery | undefined> => {
    const id = randomUUID();
    const messageId = `msg_test_${id}`;
    const now = Date.now();
    const attempt = await sender.send(
      await sign(store, box)(webhook, messageId, testBody(webhook, now), now),
    );
    await deliveries.recordTest(webhook.id, { id, messageId, attempt });
    return deliveries.find(webhook.id, id);
  },
});

export type Webhooks = ReturnType<typeof createWebhooks>;
