import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, parseRequest, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import type { PeopleStore } from '../people-ports.js';
import { PEOPLE_STORE } from '../tokens.js';
import { found, requireSquad } from './access.js';
import {
  ackAnswer,
  ackView,
  assigneeAnswer,
  assigneeView,
  historyAnswer,
  historyView,
} from './people-answers.js';
import { ackBody, assigneeBody, positionParams, squadQuery } from './people-requests.js';

type Params = z.output<typeof positionParams>;
type Squad = z.output<typeof squadQuery>;

const of = {
  params: positionParams,
  query: squadQuery,
  problems: { 400: 'the request does not fit', 404: "it is not in the squad's feed" },
};

/** What a squad does with a notification: another squad that has it too is not touched. */
@Controller('v1/notifications/:position')
export class ResponsesController {
  constructor(@Inject(PEOPLE_STORE) private readonly store: PeopleStore) {}

  @Put('ack')
  @Operation({
    ...of,
    scopes: ['feed:ack'],
    summary: 'Acknowledges it for the squad; whoever comes second is told who was first',
    body: ackBody,
    answer: ackAnswer,
  })
  async acknowledge(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: Params,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
    @Body() body: unknown,
  ): Promise<z.input<typeof ackAnswer>> {
    requireSquad(caller, squad);
    const { note = null } = parseRequest(ackBody, body ?? {});
    const acknowledged = await this.store.acknowledge(squad, position, caller.id, note);
    return { position, ...ackView(found(acknowledged, squad, position)) };
  }

  @Delete('ack')
  @HttpCode(204)
  @Operation({ ...of, scopes: ['feed:ack'], summary: 'Takes the acknowledgement back', status: 204 })
  async withdraw(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: Params,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
  ): Promise<void> {
    requireSquad(caller, squad);
    found(await this.store.withdraw(squad, position, caller.id), squad, position);
  }

  @Put('assignee')
  @Operation({
    ...of,
    scopes: ['feed:ack'],
    summary: 'Says who of the squad looks after it',
    body: assigneeBody,
    answer: assigneeAnswer,
  })
  async assign(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: Params,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
    @Body(new ZodPipe(assigneeBody)) { assignee }: z.output<typeof assigneeBody>,
  ): Promise<z.input<typeof assigneeAnswer>> {
    requireSquad(caller, squad);
    const assigned = await this.store.assign(squad, position, assignee, caller.id);
    return { position, ...assigneeView(found(assigned, squad, position)) };
  }

  @Delete('assignee')
  @HttpCode(204)
  @Operation({ ...of, scopes: ['feed:ack'], summary: 'Nobody looks after it any more', status: 204 })
  async unassign(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: Params,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
  ): Promise<void> {
    requireSquad(caller, squad);
    found(await this.store.unassign(squad, position, caller.id), squad, position);
  }

  @Get('history')
  @Operation({
    ...of,
    scopes: ['feed:read'],
    summary: 'Who of the squad acknowledged and assigned it, and took that back, in its order',
    answer: historyAnswer,
  })
  async history(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: Params,
    @Query(new ZodPipe(squadQuery)) { squad }: Squad,
  ): Promise<z.input<typeof historyAnswer>> {
    requireSquad(caller, squad);
    return historyView(found(await this.store.history(squad, position), squad, position));
  }
}
