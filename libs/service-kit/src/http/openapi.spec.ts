import { Controller, Get, Post } from '@nestjs/common';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { openApi } from './openapi.js';
import { Operation } from './operation.js';

const query = z.strictObject({
  since: z.iso
    .datetime()
    .transform((text) => Date.parse(text))
    .optional(),
  kinds: z.string().transform((text) => text.split(',')),
});

@Controller('v1/things')
class ThingsController {
  @Get()
  @Operation({ summary: 'Things', scopes: ['things:read'], query, answer: z.object({ id: z.string() }) })
  list(): void {}

  @Post(':id')
  @Operation({ summary: 'One', scopes: 'public', params: z.object({ id: z.uuid() }), body: z.object({}) })
  make(): void {}
}

const info = { title: 'things', version: '1' };

const described = (): Record<string, unknown> =>
  JSON.parse(JSON.stringify(openApi([ThingsController], info))) as Record<string, unknown>;

it('is valid OpenAPI, by a validator that finds mistakes', async () => {
  expect(await new Validator().validate(described())).toEqual({ valid: true });
  const broken = { ...described(), paths: { '/v1/things': { get: { parameters: [{ name: 'x' }] } } } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

it('names operations and groups for generators of clients', () => {
  expect(described()).toMatchObject({
    paths: {
      '/v1/things': { get: { operationId: 'thingsList', tags: ['Things'] } },
      '/v1/things/{id}': { post: { operationId: 'thingsMake', tags: ['Things'] } },
    },
  });
});

it('tells parameters as they are sent, not as the route sees them', () => {
  expect(described()).toMatchObject({
    paths: {
      '/v1/things': {
        get: {
          parameters: [
            { name: 'since', required: false, schema: { type: 'string', format: 'date-time' } },
            { name: 'kinds', required: true, schema: { type: 'string' } },
          ],
        },
      },
    },
  });
});

it('takes no route that is not described, and no two with one name', () => {
  @Controller('v1/silent')
  class SilentController {
    @Get()
    say(): void {}
  }
  expect(() => openApi([SilentController], info)).toThrow('SilentController.say has no @Operation');
  expect(() => openApi([ThingsController, ThingsController], info)).toThrow('two operations are thingsList');
});
