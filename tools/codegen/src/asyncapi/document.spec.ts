import specs from '@asyncapi/specs';
import { Ajv, type SchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { shippedCatalogue } from '../../test/catalogue.js';
import { asyncapiDocument, asyncapiYaml } from './document.js';

const validate = () => {
  // The schema brings the schema of schemas along.
  const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
  addFormats.default(ajv);
  return ajv.compile(specs.schemas['3.0.0'] as SchemaObject);
};

/** Every `$ref` within a document. */
const references = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
};

const resolve = (document: unknown, reference: string): unknown =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (inner, part) => (inner as Readonly<Record<string, unknown>> | undefined)?.[part],
      document,
    );

it('is valid AsyncAPI 3.0.0', async () => {
  const isValid = validate();
  isValid(parse(asyncapiYaml(await shippedCatalogue())));
  expect(isValid.errors ?? []).toEqual([]);
});

it('is checked by a schema that finds mistakes', async () => {
  const isValid = validate();
  expect(isValid({ ...asyncapiDocument(await shippedCatalogue()), channels: { a: { adress: 'x' } } })).toBe(
    false,
  );
});

it('refers to nothing that is not there', async () => {
  const document = asyncapiDocument(await shippedCatalogue());
  const all = references(document);
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((reference) => resolve(document, reference) === undefined)).toEqual([]);
});

it('has a server per environment, a channel per topic, an operation per service and topic', async () => {
  const catalogue = await shippedCatalogue();
  const document = asyncapiDocument(catalogue) as Record<'servers' | 'channels' | 'operations', object>;
  expect(Object.keys(document.servers)).toEqual(['local', 'prod', 'staging']);
  expect(Object.keys(document.channels)).toHaveLength(8);
  expect(Object.keys(document.operations)).toHaveLength(
    catalogue.topics.flatMap(({ spec }) => [...spec.producers, ...spec.consumers]).length,
  );
  expect(document.operations).toHaveProperty('notificationFeedReceivesSettingsChanged');
});
