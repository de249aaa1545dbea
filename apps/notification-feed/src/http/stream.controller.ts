import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation, parseRequest, ZodPipe } from '@soma/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Hub } from '../streams/hub.js';
import { HUB } from '../tokens.js';
import { requireSquad, stillReads } from './access.js';
import { startOf, streamHeaders, streamQuery } from './requests.js';
import { SseSink } from './sse-sink.js';

/** A squad's feed as server-sent events: what is stored behind the cursor, then what happens. */
@Controller('v1/stream')
export class StreamController {
  constructor(@Inject(HUB) private readonly hub: Hub) {}

  @Get()
  @Operation({
    summary: 'A squad’s feed as server-sent events: behind a cursor or since a time, then live',
    scopes: ['feed:read'],
    query: streamQuery,
    headers: streamHeaders,
    answer: z.string(),
    answerType: 'text/event-stream',
    problems: { 400: 'a wrong parameter', 503: 'too many readers here, or the log does not answer' },
  })
  async open(
    @CurrentCaller() caller: Caller,
    @Query(new ZodPipe(streamQuery)) query: z.output<typeof streamQuery>,
    @Headers('last-event-id') seen: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { squad } = query;
    requireSquad(caller, squad);
    const { 'last-event-id': lastSeen } = parseRequest(streamHeaders, { 'last-event-id': seen });
    const opened = await this.hub.open(squad, startOf(query, lastSeen));
    const { raw } = reply;
    reply.hijack();
    // A client that left while its place was looked up leaves no stream behind.
    // HEAD: what it would be, and not a byte of it.
    if (raw.req.method === 'HEAD') {
      raw.writeHead(200, SseSink.headers).end();
      return;
    }
    const { socket } = raw;
    if (raw.destroyed || !socket) return;
    await this.hub.serve(opened, {
      sink: SseSink.over(raw, socket),
      transport: 'sse',
      allowed: stillReads(caller, squad),
    });
  }
}
