import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { provisionerService } from '../core/desired.js';
import { openApi } from './openapi.js';
import { Operation } from './operation.js';
import { PlansController } from './plans.controller.js';
import { TopicsController } from './topics.controller.js';

/** What this service offers, for clients and their generators. Public: it names routes, and no data. */
@Controller('v1')
class OpenApiController {
  readonly #document = openApi([TopicsController, PlansController, OpenApiController], {
    title: provisionerService,
    version: '1',
  });

  @Get('openapi.json')
  @Operation({
    scopes: 'public',
    summary: 'This document (OpenAPI 3.1)',
    answer: z.record(z.string(), z.unknown()),
  })
  document() {
    return this.#document;
  }
}

/** Every controller of this service. */
export const controllers = [TopicsController, PlansController, OpenApiController];
