import { Body, Controller, Delete, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, parseRequest, Problem, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import type { WebhookStore } from '../webhooks/ports.js';
import { WEBHOOK_STORE } from '../tokens.js';
import { unknownWebhook, WebhookAccess } from './webhook-access.js';
import { madeKeyAnswer, madeKeyView } from './webhook-answers.js';
import { webhookKeyBody, webhookKeyParams, webhookParams } from './webhook-requests.js';

const secondMs = 1_000;
const scopes = ['feed:webhooks'] as const;

/** Keys of a webhook: a new one is used beside the old ones for a while. */
@Controller('v1/webhooks/:id/keys')
export class WebhookKeysController {
  constructor(
    @Inject(WEBHOOK_STORE) private readonly store: WebhookStore,
    @Inject(WebhookAccess) private readonly access: WebhookAccess,
  ) {}

  @Post()
  @Operation({
    scopes,
    summary: 'Adds a key; the others of its kind go on signing for the overlap',
    params: webhookParams,
    body: webhookKeyBody,
    status: 201,
    answer: madeKeyAnswer,
    problems: {
      400: 'the request does not fit',
      404: 'the caller has no such webhook',
      503: 'the service has no key for webhooks, or its database does not answer',
    },
  })
  async add(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
    @Body() body: unknown,
  ): Promise<z.input<typeof madeKeyAnswer>> {
    const { kind, overlap_seconds: overlap } = parseRequest(webhookKeyBody, body ?? {});
    await this.access.find(caller, id);
    const made = await this.access.webhooks.addKey(id, kind, overlap * secondMs, caller.id);
    if (!made) throw unknownWebhook(id);
    return madeKeyView(made);
  }

  @Delete(':key')
  @HttpCode(204)
  @Operation({
    scopes,
    summary: 'Removes a key at once',
    params: webhookKeyParams,
    status: 204,
    problems: {
      400: 'the request does not fit',
      404: 'the caller has no such webhook, or it has no such key',
      409: 'it is the last key that stays: add one first',
    },
  })
  async remove(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookKeyParams)) { id, key }: z.output<typeof webhookKeyParams>,
  ): Promise<void> {
    await this.access.find(caller, id);
    const outcome = await this.store.removeKey(id, key, caller.id);
    if (outcome === 'unknown') throw new Problem(404, 'unknown-key', `there is no key ${key}`);
    if (outcome === 'last')
      throw new Problem(409, 'last-key', 'without this key nothing could be signed: add another one first');
  }
}
