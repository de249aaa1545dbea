import { Controller, Get } from '@nestjs/common';
import { Operation } from '@soma/service-kit';
import { z } from 'zod';
import { asyncApi } from '../asyncapi/document.js';

/** Public: it names messages, and no data. */
@Controller('v1')
export class AsyncApiController {
  readonly #document = asyncApi();

  @Get('asyncapi.json')
  @Operation({
    scopes: 'public',
    summary: 'What comes through streams, WebSockets, webhooks and Kafka (AsyncAPI 3)',
    answer: z.record(z.string(), z.unknown()),
  })
  document() {
    return this.#document;
  }
}
