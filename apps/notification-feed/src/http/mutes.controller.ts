import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, Problem, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import { mostMutes, type PeopleStore } from '../people-ports.js';
import { PEOPLE_STORE } from '../tokens.js';
import { requireSquad } from './access.js';
import { muteAnswer, mutesAnswer, muteView } from './people-answers.js';
import { muteBody, muteParams, squadQuery } from './people-requests.js';

type Squad = z.output<typeof squadQuery>;

const misfit = { 400: 'the request does not fit' };

/** What the person who asks does not want to see of a squad's feed. Nobody else's feed is touched. */
@Controller('v1/mutes')
export class MutesController {
  constructor(@Inject(PEOPLE_STORE) private readonly store: PeopleStore) {}

  @Get()
  @Operation({
    scopes: ['feed:read'],
    summary: "The caller's mutes that are in force, newest first",
    query: squadQuery,
    answer: mutesAnswer,
    problems: misfit,
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
  ): Promise<z.input<typeof mutesAnswer>> {
    requireSquad(caller, squad);
    const found = await this.store.mutes({ squad, person: caller.id });
    return { mutes: found.map(muteView) };
  }

  @Post()
  @Operation({
    scopes: ['feed:read'],
    summary: 'Mutes what fits all of what is named; the same again changes its time',
    query: squadQuery,
    body: muteBody,
    status: 201,
    answer: muteAnswer,
    problems: { ...misfit, 409: `the caller has ${mostMutes} already` },
  })
  async mute(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
    @Body(new ZodPipe(muteBody)) body: z.output<typeof muteBody>,
  ): Promise<z.input<typeof muteAnswer>> {
    requireSquad(caller, squad);
    const { kind = null, source = null, dedupe_key: dedupeKey = null, until = null } = body;
    const muted = await this.store.mute({ squad, person: caller.id }, { kind, source, dedupeKey }, until);
    if (muted) return muteView(muted);
    throw new Problem(409, 'too-many-mutes', `${mostMutes} mutes are all one may have: delete some`);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    scopes: ['feed:read'],
    summary: 'Ends a mute of the caller',
    params: muteParams,
    query: squadQuery,
    status: 204,
    problems: { ...misfit, 404: 'the caller has no such mute' },
  })
  async unmute(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(muteParams)) { id }: z.output<typeof muteParams>,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
  ): Promise<void> {
    requireSquad(caller, squad);
    if (await this.store.unmute({ squad, person: caller.id }, id)) return;
    throw new Problem(404, 'mute-not-found', `${caller.id} has no mute ${id} for ${squad}`);
  }
}
