import { Inject, Injectable } from '@nestjs/common';
import { type Caller, InvalidRequest, Problem } from '@soma/service-kit';
import { type TargetProblem, targetProblems } from '../core/webhooks/target.js';
import type { Webhook, WebhookStore } from '../webhooks/ports.js';
import type { Webhooks } from '../webhooks/webhooks.js';
import { WEBHOOK_STORE, WEBHOOKS } from '../tokens.js';

/** What routes of webhooks have in common: whose webhook it is, and whether there can be any. */
@Injectable()
export class WebhookAccess {
  constructor(
    @Inject(WEBHOOK_STORE) private readonly store: WebhookStore,
    @Inject(WEBHOOKS) private readonly made: Webhooks | undefined,
  ) {}

  /** @throws Problem 404, also for a webhook of a squad that the caller does not cover: it is none of their business. */
  async find(caller: Caller, id: string): Promise<Webhook> {
    const webhook = await this.store.find(id);
    if (!webhook || !caller.mayRead(webhook.squad)) throw unknownWebhook(id);
    return webhook;
  }

  /** @throws Problem 503 without a key to keep secrets under. */
  get webhooks(): Webhooks {
    if (this.made) return this.made;
    throw new Problem(
      503,
      'no-webhook-key',
      'this feed has no webhooks: set FEED_WEBHOOK_KEY_FILE to a file with 32 random bytes in base64',
    );
  }
}

export const unknownWebhook = (id: string): Problem =>
  new Problem(404, 'unknown-webhook', `there is no webhook ${id}`);

/** What is wrong with the URL of a request. */
export const targetProblem = (problem: TargetProblem): InvalidRequest =>
  new InvalidRequest([{ path: 'url', message: targetProblems[problem] }]);
