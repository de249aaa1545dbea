import { Controller, Get, Query } from '@nestjs/common';
import { Operation, Problem, ZodPipe } from '@soma/service-kit';
import type { z } from 'zod';
import { webSocketQuery } from './requests.js';

/** Whoever asks for the WebSocket without asking for an upgrade is told so; upgrades never come here. */
@Controller('v1/ws')
export class WebSocketController {
  @Get()
  @Operation({
    summary: 'A squad’s feed as a WebSocket, with acknowledgements of named consumers',
    scopes: ['feed:read'],
    query: webSocketQuery,
    status: 101,
    problems: { 400: 'a wrong parameter', 426: 'no WebSocket handshake', 503: 'too many readers here' },
  })
  open(@Query(new ZodPipe(webSocketQuery)) _: z.output<typeof webSocketQuery>): never {
    throw new Problem(426, 'upgrade-required', 'open this as a WebSocket', {
      headers: { upgrade: 'websocket', connection: 'upgrade' },
    });
  }
}
