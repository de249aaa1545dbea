import { Validator } from '@seriousme/openapi-schema-validator';
import { createTestDatabase, type TestDatabase } from '@soma/postgres/testing';
import { type RunningService, startService } from '@soma/service-kit';
import { openRoutes, routesOf } from '@soma/service-kit/testing';
import { httpJson, platform, uniqueName } from '@soma/testing';
import { service as definition } from '../service.js';

let database: TestDatabase;
let service: RunningService;

beforeAll(async () => {
  database = await createTestDatabase(platform().postgresUrl);
  service = await startService(definition, {
    ...platform().env,
    SOMA_LOG_LEVEL: 'silent',
    SOMA_POSTGRES_URL: database.url,
    SOMA_TOPIC_PREFIX: `${uniqueName('routes')}.`,
  });
});

afterAll(async () => {
  await service.stop();
  await database.drop();
});

it('has every route of the service, and none that is not there', async () => {
  const { body } = await httpJson(`${service.url}/v1/openapi.json`);
  const { paths } = body as { paths: Record<string, object> };
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = routesOf(service.app)
    .filter(({ method }) => method !== 'HEAD')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(told.toSorted()).toEqual(served.toSorted());
});

it('is valid by a published validator of OpenAPI', async () => {
  const { body } = await httpJson(`${service.url}/v1/openapi.json`);
  expect(await new Validator().validate(body as Record<string, unknown>)).toEqual({ valid: true });
});

it('is, with the AsyncAPI document and what every service shows, the only thing that needs no token', async () => {
  const open = (await openRoutes(service)).filter((route) => !route.startsWith('HEAD'));
  expect(open).toEqual([
    'GET /health/live',
    'GET /health/ready',
    'GET /metrics',
    'GET /v1/asyncapi.json',
    'GET /v1/openapi.json',
  ]);
});
