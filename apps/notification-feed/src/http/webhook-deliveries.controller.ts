import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, Problem, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import type { WakeUp } from '../ports.js';
import type { DeliveryStore } from '../webhooks/ports.js';
import { DELIVERY_STORE, WAKE_UP } from '../tokens.js';
import { unknownWebhook, WebhookAccess } from './webhook-access.js';
import { deliveriesAnswer, deliveryAnswer, deliveryView, replayAnswer } from './webhook-answers.js';
import {
  webhookDeliveriesQuery,
  webhookDeliveryParams,
  webhookParams,
  webhookReplayBody,
} from './webhook-requests.js';

const scopes = ['feed:webhooks'] as const;
const unknown = { 400: 'the request does not fit', 404: 'the caller has no such webhook' };

/** What was sent to a webhook, and sending it again. */
@Controller('v1/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(
    @Inject(DELIVERY_STORE) private readonly deliveries: DeliveryStore,
    @Inject(WAKE_UP) private readonly wakeUp: WakeUp,
    @Inject(WebhookAccess) private readonly access: WebhookAccess,
  ) {}

  @Get('deliveries')
  @Operation({
    scopes,
    summary: 'The log of 30 days, newest first',
    params: webhookParams,
    query: webhookDeliveriesQuery,
    answer: deliveriesAnswer,
    problems: unknown,
  })
  async log(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
    @Query(new ZodPipe(webhookDeliveriesQuery)) { limit, before }: z.output<typeof webhookDeliveriesQuery>,
  ): Promise<z.input<typeof deliveriesAnswer>> {
    await this.access.find(caller, id);
    return { deliveries: (await this.deliveries.log(id, limit, before)).map(deliveryView) };
  }

  @Post('deliveries/:delivery/retry')
  @HttpCode(202)
  @Operation({
    scopes,
    summary: 'Sends a message again, with the same webhook-id',
    params: webhookDeliveryParams,
    status: 202,
    answer: deliveryAnswer,
    problems: {
      400: unknown[400],
      404: 'the caller has no such webhook, or it has no such delivery',
      409: 'it is a test, or is being sent at this moment',
    },
  })
  async retry(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookDeliveryParams)) params: z.output<typeof webhookDeliveryParams>,
  ): Promise<z.input<typeof deliveryAnswer>> {
    const { id, delivery } = params;
    await this.access.find(caller, id);
    const begun = await this.deliveries.retry(id, delivery);
    const found = await this.deliveries.find(id, delivery);
    if (!found) throw new Problem(404, 'unknown-delivery', `there is no delivery ${delivery}`);
    if (!begun) throw new Problem(409, 'not-retried', 'it is a test, or is being sent at this moment');
    await this.wakeUp.announce();
    return deliveryView(found);
  }

  @Post('replay')
  @HttpCode(202)
  @Operation({
    scopes,
    summary: 'Sends again what was stored since a time, with the same webhook-ids',
    params: webhookParams,
    body: webhookReplayBody,
    status: 202,
    answer: replayAnswer,
    problems: unknown,
  })
  async replay(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
    @Body(new ZodPipe(webhookReplayBody)) { since }: z.output<typeof webhookReplayBody>,
  ): Promise<z.input<typeof replayAnswer>> {
    await this.access.find(caller, id);
    const position = await this.deliveries.rewind(id, Date.parse(since));
    if (position === undefined) throw unknownWebhook(id);
    await this.wakeUp.announce();
    return { position };
  }

  @Post('test')
  @HttpCode(200)
  @Operation({
    scopes,
    summary: 'Sends a message of the kind feed.webhook.test now and answers what came of it',
    params: webhookParams,
    answer: deliveryAnswer,
    problems: { ...unknown, 503: 'the service has no key for webhooks, or its database does not answer' },
  })
  async test(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
  ): Promise<z.input<typeof deliveryAnswer>> {
    const tested = await this.access.webhooks.test(await this.access.find(caller, id));
    if (!tested) throw unknownWebhook(id);
    return deliveryView(tested);
  }
}
