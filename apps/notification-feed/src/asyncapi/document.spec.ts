import 'reflect-metadata';
import specs from '@asyncapi/specs';
import { Ajv, type SchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import { EventsController } from '../consumers/events.controller.js';
import { feedTopics } from '../core/rules/feed-topics.js';
import { asyncApi } from './document.js';

interface Document {
  readonly channels: Readonly<Record<string, { readonly address: string | null }>>;
  readonly operations: Readonly<
    Record<string, { readonly action: string; readonly channel: { $ref: string } }>
  >;
}

const document = (): Document => JSON.parse(JSON.stringify(asyncApi())) as Document;

const validate = () => {
  // The schema brings the schema of schemas along.
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
  addFormats.default(ajv);
  return ajv.compile(specs.schemas['3.0.0'] as SchemaObject);
};

const references = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
};

const resolve = (root: unknown, path: string): unknown =>
  path
    .slice(2)
    .split('/')
    .reduce<unknown>((inner, part) => (inner as Readonly<Record<string, unknown>> | undefined)?.[part], root);

it('is valid AsyncAPI 3, by the published schema, which finds mistakes', () => {
  const isValid = validate();
  isValid(document());
  expect(isValid.errors ?? []).toEqual([]);
  expect(isValid({ ...document(), channels: { stream: { adress: '/v1/stream' } } })).toBe(false);
});

it('refers to nothing that is not there', () => {
  const all = references(document());
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter((path) => resolve(document(), path) === undefined)).toEqual([]);
});

it('has an operation for each handler of events, and for all that the service writes', () => {
  const { channels, operations } = document();
  const addresses = (action: string) =>
    Object.values(operations)
      .filter((one) => one.action === action)
      .map(({ channel }) => channels[channel.$ref.replace('#/channels/', '')]?.address);
  const { prototype } = EventsController;
  const handled = Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name as keyof EventsController] as object;
    return (Reflect.getMetadata('microservices:pattern', handler) as string[] | undefined) ?? [];
  });
  expect(handled.toSorted()).toEqual([...feedTopics]);
  expect(addresses('receive').toSorted()).toEqual(['/v1/ws', ...handled].toSorted());
  expect(addresses('send')).toEqual(
    expect.arrayContaining(['/v1/stream', '/v1/ws', null, 'identity.audit', 'billing.events.dlq']),
  );
});
