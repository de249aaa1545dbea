import { Controller, Get, type Type } from '@nestjs/common';
import { z } from 'zod';
import { openApi } from './openapi.js';
import { Operation } from './operation.js';

/**
 * The controllers of a service and one more, which serves their OpenAPI document at `/v1/openapi.json`. Public: it names
 * routes, and no data.
 */
export const withOpenApi = (
  controllers: readonly Type[],
  info: { title: string; version: string },
): Type[] => {
  @Controller('v1')
  class OpenApiController {
    readonly #document = openApi([...controllers, OpenApiController], info);

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
  return [...controllers, OpenApiController];
};
