import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { type Caller, CurrentCaller, parseRequest, Problem, ZodPipe, Operation } from '@soma/service-kit';
import type { z } from 'zod';
import { Plans } from '../plans.js';
import { planAnswer, plansAnswer } from './answers.js';
import { asking } from './asking.js';
import { deletionWords, planBody, planParams, plansQuery } from './requests.js';
import { planHeadView, planView } from './view.js';

type PlanAnswer = Promise<z.input<typeof planAnswer>>;

/** Whoever approves a plan of their own needs this scope besides. */
const selfApproval = 'topics:self-approve';

const away = { 503: 'brokers, registry or database do not answer' };
const unknown = { 400: 'the request does not fit', 404: 'there is no such plan' };

/** Plans that are recorded, approved and applied exactly as they were shown. */
@Controller('v1/plans')
export class PlansController {
  constructor(@Inject(Plans) private readonly plans: Plans) {}

  @Post()
  @Operation({
    scopes: ['topics:plan'],
    summary: 'Makes a plan now and records it as a draft',
    body: planBody,
    status: 201,
    answer: planAnswer,
    problems: { ...away, 400: 'the request does not fit', 422: 'it asks for deletions' },
  })
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: { header(name: string, value: string): unknown },
  ): PlanAnswer {
    const word = deletionWords.find((name) => typeof body === 'object' && body !== null && name in body);
    if (word !== undefined) {
      const detail = `${word}: the service has no right to delete topics; use npx soma topics apply --delete`;
      throw new Problem(422, 'deletions-not-offered', detail);
    }
    const request = parseRequest(planBody, body ?? {});
    const id = await asking(() => this.plans.draft(request, caller.id));
    reply.header('location', `/v1/plans/${id}`);
    return this.#view(id);
  }

  @Get()
  @Operation({
    scopes: ['topics:read'],
    summary: 'Recorded plans, newest first',
    query: plansQuery,
    answer: plansAnswer,
    problems: { ...away, 400: 'the request does not fit' },
  })
  async list(
    @Query(new ZodPipe(plansQuery)) { limit }: z.output<typeof plansQuery>,
  ): Promise<z.input<typeof plansAnswer>> {
    return { plans: (await asking(() => this.plans.list(limit))).map(planHeadView) };
  }

  @Get(':id')
  @Operation({
    scopes: ['topics:read'],
    summary: 'One recorded plan and what became of each change',
    params: planParams,
    answer: planAnswer,
    problems: { ...away, ...unknown },
  })
  get(@Param(new ZodPipe(planParams)) { id }: z.output<typeof planParams>): PlanAnswer {
    return this.#view(id);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operation({
    scopes: ['topics:approve'],
    summary: `Approves a draft of somebody else, or with ${selfApproval} one's own`,
    params: planParams,
    answer: planAnswer,
    problems: { ...away, ...unknown, 409: 'it is no draft any more' },
  })
  async approve(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(planParams)) { id }: z.output<typeof planParams>,
  ): PlanAnswer {
    const mayApproveOwn = caller.scopes.includes(selfApproval);
    await asking(() => this.plans.approve(id, caller.id, mayApproveOwn));
    return this.#view(id);
  }

  @Post(':id/apply')
  @HttpCode(200)
  @Operation({
    scopes: ['topics:apply'],
    summary: 'Applies an approved plan exactly as it was shown; answers when that has ended',
    params: planParams,
    answer: planAnswer,
    problems: {
      ...away,
      ...unknown,
      409: 'not-approved; stale-plan, with what moved; incompatible-schemas, with which',
    },
  })
  async apply(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(planParams)) { id }: z.output<typeof planParams>,
  ): PlanAnswer {
    await asking(() => this.plans.apply(id, caller.id));
    return this.#view(id);
  }

  #view(id: string): PlanAnswer {
    return asking(async () => {
      const { plan, items } = await this.plans.find(id);
      return planView(plan, items);
    });
  }
}
