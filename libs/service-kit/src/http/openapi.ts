import 'reflect-metadata';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { z } from 'zod';
import { operationKey, type OperationSpec } from './operation.js';

type Json = Readonly<Record<string, unknown>>;

/** RFC 9457. */
const problemAnswer = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string().optional(),
  trace_id: z.string().optional(),
});

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output' = 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const content = (type: string, schema: Json): Json => ({ [type]: { schema } });
const answer = ({ summary, answer: schema, answerType = 'application/json' }: OperationSpec): Json => ({
  description: summary,
  ...(schema && { content: content(answerType, jsonSchema(schema)) }),
});
const problem = (description: string): Json => ({
  description,
  content: content('application/problem+json', { $ref: '#/components/schemas/Problem' }),
});

const parameters = (place: 'path' | 'query' | 'header', shape: z.ZodObject | undefined): Json[] =>
  Object.entries(shape?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !(schema as z.ZodType).safeParse(undefined).success,
    // As it is sent: what a route makes of it is nothing that a client could write.
    schema: jsonSchema(schema as z.ZodType, 'input'),
  }));

const operation = (spec: OperationSpec, names: Json): Json => {
  const { scopes, status = 200, body, bodyTypes = ['application/json'] } = spec;
  const isPublic = scopes === 'public';
  const guarded = { 401: 'no token, or one that is not accepted', 403: 'the token lacks a scope' };
  const problems = {
    ...(!isPublic && guarded),
    ...(spec.params && { 414: 'a part of the path is too long' }),
    431: 'path, query and headers are larger than 16 kB together',
    ...(body && { 413: 'the body is larger than 1 MiB', 415: 'the body is of another media type' }),
    ...spec.problems,
  };
  const cached = Object.hasOwn(spec.headers?.shape ?? {}, 'if-none-match') && {
    304: { description: 'The caller has it already' },
  };
  return {
    ...names,
    summary: spec.summary,
    parameters: [
      ...parameters('path', spec.params),
      ...parameters('query', spec.query),
      ...parameters('header', spec.headers),
    ],
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: Object.assign(
          {},
          ...bodyTypes.map((type) => content(type, jsonSchema(body, 'input'))),
        ) as Json,
      },
    }),
    responses: {
      [status]: answer(spec),
      ...cached,
      ...Object.fromEntries(Object.entries(problems).map(([code, text]) => [code, problem(text)])),
    },
    security: isPublic ? [] : [{ bearer: scopes }],
    ...(!isPublic && { description: `Scopes: ${scopes.join(', ')}.` }),
  };
};

const kitRoute = (
  operationId: string,
  summary: string,
  { type, schema }: { type: string; schema: Json },
): Json => ({
  get: {
    operationId,
    tags: ['Service'],
    summary,
    security: [],
    responses: { 200: { description: summary, content: content(type, schema) } },
  },
});

const jsonObject = { type: 'application/json', schema: { type: 'object' } };

/** What the kit adds to every service. */
const kitRoutes = {
  '/health/live': kitRoute('serviceLive', 'Whether the process turns', jsonObject),
  '/health/ready': kitRoute('serviceReady', 'Whether its servers answer, and which do not', jsonObject),
  '/metrics': kitRoute('serviceMetrics', 'Metrics for Prometheus', {
    type: 'text/plain',
    schema: { type: 'string' },
  }),
};

const joined = (...parts: readonly string[]): string =>
  `/${parts.flatMap((part) => part.split('/').filter(Boolean)).join('/')}`.replaceAll(/:(\w+)/g, '{$1}');

/** What generators of clients name an operation and its group: `list` of `PlansController` is `plansList` of `Plans`. */
const namesOf = (controller: Type, handler: string): { operationId: string; tags: string[] } => {
  const group = controller.name.replace(/Controller$/, '');
  const words = `${group}${handler.charAt(0).toUpperCase()}${handler.slice(1)}`;
  return { operationId: `${words.charAt(0).toLowerCase()}${words.slice(1)}`, tags: [group] };
};

/** The routes of a controller, by path and method; throws if one of them is not described. */
const describedRoutes = (controller: Type): (readonly [string, string, Json])[] => {
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    const method: unknown = typeof handler === 'function' && Reflect.getMetadata(METHOD_METADATA, handler);
    if (typeof method !== 'number') return [];
    const spec = Reflect.getMetadata(operationKey, handler as object) as OperationSpec | undefined;
    if (!spec) throw new Error(`${controller.name}.${name} has no @Operation: add it`);
    const path = joined(
      Reflect.getMetadata(PATH_METADATA, controller) as string,
      Reflect.getMetadata(PATH_METADATA, handler as object) as string,
    );
    return [
      [
        path,
        (RequestMethod[method] ?? '').toLowerCase(),
        operation(spec, namesOf(controller, name)),
      ] as const,
    ];
  });
};

/** The OpenAPI 3.1 document of these controllers, from what their routes check and answer. */
export const openApi = (controllers: readonly Type[], info: { title: string; version: string }): Json => {
  const paths: Record<string, Json> = { ...kitRoutes };
  const ids = new Set<unknown>();
  for (const [path, method, described] of controllers.flatMap(describedRoutes)) {
    const id = described['operationId'];
    if (ids.has(id)) throw new Error(`two operations are ${String(id)}: rename one of the handlers`);
    ids.add(id);
    paths[path] = { ...paths[path], [method]: described };
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemAnswer) },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
};
