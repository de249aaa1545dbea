import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, Problem, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import { parseCursor } from '../core/cursor.js';
import { severities } from '../core/severity.js';
import type { PeopleStore } from '../people-ports.js';
import type { NotificationStore } from '../ports.js';
import { NOTIFICATION_STORE, PEOPLE_STORE } from '../tokens.js';
import { found, requireSquad } from './access.js';
import {
  digestAnswer,
  digestView,
  inboxAnswer,
  inboxView,
  readAnswer,
  snoozeAnswer,
  unreadAnswer,
  unreadView,
} from './people-answers.js';
import {
  digestQuery,
  inboxQuery,
  positionParams,
  readBody,
  snoozeBody,
  squadQuery,
} from './people-requests.js';

const misfit = { 400: 'the request does not fit' };
const otherEpoch = { 409: 'the cursor is of another epoch' };
const missing = { ...misfit, 404: "it is not in the squad's feed" };

/** A squad's feed as the person sees it who asks: what they have read, and what they do not want to see now. */
@Controller('v1')
export class PeopleController {
  constructor(
    @Inject(PEOPLE_STORE) private readonly store: PeopleStore,
    @Inject(NOTIFICATION_STORE) private readonly feed: Pick<NotificationStore, 'state'>,
  ) {}

  @Get('inbox')
  @Operation({
    scopes: ['feed:read'],
    summary: "The caller's view of a squad's feed, newest first",
    query: inboxQuery,
    answer: inboxAnswer,
    problems: { ...misfit, ...otherEpoch },
  })
  async inbox(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(inboxQuery)) { squad, unread, all, before, limit }: z.output<typeof inboxQuery>,
  ): Promise<z.input<typeof inboxAnswer>> {
    requireSquad(caller, squad);
    const query = {
      limit,
      before: before && (await this.#position(before)),
      unread: unread === 'true',
      all: all === 'true',
    };
    return inboxView(await this.store.inbox({ squad, person: caller.id }, query));
  }

  @Get('unread')
  @Operation({
    scopes: ['feed:read'],
    summary: 'How much the caller has not read, by severity, without what is muted or snoozed',
    query: squadQuery,
    answer: unreadAnswer,
    problems: misfit,
  })
  async unread(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(squadQuery)) { squad }: z.output<typeof squadQuery>,
  ): Promise<z.input<typeof unreadAnswer>> {
    requireSquad(caller, squad);
    return unreadView(await this.store.unread({ squad, person: caller.id }));
  }

  @Put('read')
  @Operation({
    scopes: ['feed:read'],
    summary: 'Marks notifications as read by the caller: up to one of them, or these',
    query: squadQuery,
    body: readBody,
    answer: readAnswer,
    problems: { ...misfit, ...otherEpoch, 404: "some are not in the squad's feed: none is marked" },
  })
  async read(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(squadQuery)) { squad }: z.output<typeof squadQuery>,
    @Body(new ZodPipe(readBody)) body: z.output<typeof readBody>,
  ): Promise<z.input<typeof readAnswer>> {
    requireSquad(caller, squad);
    const reader = { squad, person: caller.id };
    if ('up_to' in body) {
      const position = await this.#position(body.up_to);
      return { up_to: await this.store.readUpTo(reader, position) };
    }
    const marked = await this.store.read(reader, body.positions);
    if ('upTo' in marked) return { up_to: marked.upTo };
    const detail = `not in the feed of ${squad}: ${marked.unknown.join(', ')}`;
    throw new Problem(404, 'notification-not-found', detail, { fields: { positions: marked.unknown } });
  }

  @Put('notifications/:position/snooze')
  @Operation({
    scopes: ['feed:read'],
    summary: 'Hides a notification from the caller until a time',
    params: positionParams,
    query: squadQuery,
    body: snoozeBody,
    answer: snoozeAnswer,
    problems: missing,
  })
  async snooze(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: z.output<typeof positionParams>,
    @Query(new ZodPipe(squadQuery)) { squad }: z.output<typeof squadQuery>,
    @Body(new ZodPipe(snoozeBody)) { until }: z.output<typeof snoozeBody>,
  ): Promise<z.input<typeof snoozeAnswer>> {
    requireSquad(caller, squad);
    const snoozed = await this.store.snooze({ squad, person: caller.id }, position, until);
    found(snoozed || undefined, squad, position);
    return { position, until: new Date(until).toISOString() };
  }

  @Delete('notifications/:position/snooze')
  @HttpCode(204)
  @Operation({
    scopes: ['feed:read'],
    summary: 'Shows it to the caller again',
    params: positionParams,
    query: squadQuery,
    status: 204,
    problems: missing,
  })
  async wake(
    @CurrentCaller() caller: Caller,
    @Param(new ZodPipe(positionParams)) { position }: z.output<typeof positionParams>,
    @Query(new ZodPipe(squadQuery)) { squad }: z.output<typeof squadQuery>,
  ): Promise<void> {
    requireSquad(caller, squad);
    const woken = await this.store.wake({ squad, person: caller.id }, position);
    found(woken || undefined, squad, position);
  }

  @Get('digest')
  @Operation({
    scopes: ['feed:read'],
    summary: 'What a squad was told within a time: counts, criticals that wait, what came often',
    query: digestQuery,
    answer: digestAnswer,
    problems: misfit,
  })
  async digest(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(digestQuery)) { squad, from, to }: z.output<typeof digestQuery>,
  ): Promise<z.input<typeof digestAnswer>> {
    requireSquad(caller, squad);
    return digestView(await this.store.digest(squad, Date.parse(from), Date.parse(to), severities));
  }

  /** Of a cursor; in another epoch the same position is another notification. */
  async #position(text: string): Promise<string> {
    const { epoch = undefined, position } = parseCursor(text) ?? {};
    if (position === undefined) throw new Error(`a cursor was checked and is none: ${text}`);
    if (epoch === undefined || epoch === (await this.feed.state()).epoch) return `${position}`;
    const detail = `the feed has begun another epoch since ${text}: take a cursor from its present pages`;
    throw new Problem(409, 'cursor-of-another-epoch', detail);
  }
}
