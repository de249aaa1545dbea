import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, ZodPipe } from '@soma/service-kit';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { WebhookStore } from '../webhooks/ports.js';
import { WEBHOOK_STORE } from '../tokens.js';
import { requireSquad } from './access.js';
import { targetProblem, WebhookAccess } from './webhook-access.js';
import {
  createdWebhookAnswer,
  keyView,
  madeKeyView,
  webhooksAnswer,
  webhookView,
  webhookWithKeysAnswer,
} from './webhook-answers.js';
import { webhookBody, webhookChangeBody, webhookParams, webhooksQuery } from './webhook-requests.js';

const scopes = ['feed:webhooks'] as const;
const unknown = { 400: 'the request does not fit', 404: 'the caller has no such webhook' };
const noKey = { 503: 'the service has no key for webhooks, or its database does not answer' };

type Answer<S extends z.ZodType> = Promise<z.input<S>>;

/** Webhooks: where a squad's notifications are sent. */
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    @Inject(WEBHOOK_STORE) private readonly store: WebhookStore,
    @Inject(WebhookAccess) private readonly access: WebhookAccess,
  ) {}

  @Post()
  @Operation({
    scopes,
    summary: 'Registers a webhook for what its squad is told from now on; answers its key',
    body: webhookBody,
    status: 201,
    answer: createdWebhookAnswer,
    problems: { 400: 'the request does not fit, or the URL may not be asked', ...noKey },
  })
  async create(
    @CurrentCaller() caller: Caller,
    @Body(new ZodPipe(webhookBody)) body: z.output<typeof webhookBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Answer<typeof createdWebhookAnswer> {
    const { squad, url, description, filter, key_kind: kind } = body;
    requireSquad(caller, squad);
    const { webhooks } = this.access;
    const { kinds, min_severity: minSeverity } = filter;
    const spec = { squad, url, description, filter: { kinds, minSeverity } };
    const created = await webhooks.create(spec, kind, caller.id);
    if (!created.ok) throw targetProblem(created.problem);
    reply.header('location', `/v1/webhooks/${created.webhook.id}`);
    return { ...webhookView(created.webhook), key: madeKeyView(created.made) };
  }

  @Get()
  @Operation({
    scopes,
    summary: 'The webhooks of a squad, oldest first',
    query: webhooksQuery,
    answer: webhooksAnswer,
    problems: { 400: 'the request does not fit' },
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(webhooksQuery)) { squad }: z.output<typeof webhooksQuery>,
  ): Answer<typeof webhooksAnswer> {
    requireSquad(caller, squad);
    return { webhooks: (await this.store.list(squad)).map(webhookView) };
  }

  @Get(':id')
  @Operation({
    scopes,
    summary: 'One webhook with its keys, without their secrets',
    params: webhookParams,
    answer: webhookWithKeysAnswer,
    problems: unknown,
  })
  async get(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
  ): Answer<typeof webhookWithKeysAnswer> {
    const webhook = await this.access.find(caller, id);
    return { ...webhookView(webhook), keys: (await this.store.keys(id)).map(keyView) };
  }

  @Patch(':id')
  @Operation({
    scopes,
    summary: 'Changes a webhook, disables or enables it; what waited is sent when it is enabled',
    params: webhookParams,
    body: webhookChangeBody,
    answer: webhookWithKeysAnswer,
    problems: { ...unknown, ...noKey },
  })
  async change(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
    @Body(new ZodPipe(webhookChangeBody)) { filter, ...rest }: z.output<typeof webhookChangeBody>,
  ): Answer<typeof webhookWithKeysAnswer> {
    await this.access.find(caller, id);
    const change = {
      ...rest,
      ...(filter && { filter: { kinds: filter.kinds, minSeverity: filter.min_severity } }),
    };
    const problem = await this.access.webhooks.change(id, change, caller.id);
    if (problem) throw targetProblem(problem);
    return this.get(caller, { id });
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    scopes,
    summary: 'Removes a webhook with its keys and its log',
    params: webhookParams,
    status: 204,
    problems: unknown,
  })
  async remove(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(webhookParams)) { id }: z.output<typeof webhookParams>,
  ): Promise<void> {
    await this.access.find(caller, id);
    await this.store.remove(id, caller.id);
  }
}
