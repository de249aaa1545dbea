import fc from 'fast-check';
import { generateSync } from 'json-schema-faker';
import {
  hostileBytes,
  hostileHeader,
  hostileJson,
  hostileQuery,
  hostileSegment,
  hostileText,
} from './hostile.js';
import type { Operation, Schema } from './openapi.js';

/** One request of the fuzzer. */
export interface FuzzRequest {
  readonly method: string;
  /** With the query. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
  /** What it was made from; its method and path may be others, on purpose. */
  readonly operation: Operation;
  /** Nothing was changed: it fits the document. */
  readonly valid: boolean;
}

const fitting = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.nat().map((seed) => generateSync(schema, { seed, maxItems: 5 }));

const change = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'drop', 'add'),
  name: fc.oneof(fc.constantFrom('extra', '__proto__', 'constructor', 'toJSON', ''), hostileText),
  value: hostileJson,
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

const pathsOf = (value: unknown, path: readonly string[] = []): (readonly string[])[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))
    : []),
];

const changedAt = (value: unknown, [name, ...rest]: readonly string[], by: Change): unknown => {
  if (name === undefined) {
    if (by.how !== 'add') return by.value;
    if (Array.isArray(value)) return [...(value as unknown[]), by.value];
    return typeof value === 'object' ? { ...value, [by.name]: by.value } : [value, by.value];
  }
  const inner = (value as Record<string, unknown>)[name];
  if (Array.isArray(value)) {
    const list = value as unknown[];
    if (rest.length === 0 && by.how === 'drop') return list.filter((_, index) => `${index}` !== name);
    return list.map((one, index) => (`${index}` === name ? changedAt(one, rest, by) : one));
  }
  const { [name]: _, ...others } = value as Record<string, unknown>;
  return rest.length === 0 && by.how === 'drop' ? others : { ...others, [name]: changedAt(inner, rest, by) };
};

/** A JSON value with something replaced, dropped or added somewhere. */
const changed = (value: unknown, changes: readonly Change[]): unknown =>
  changes.reduce((now, by) => {
    const paths = pathsOf(now);
    return changedAt(now, paths[by.at % paths.length] ?? [], by);
  }, value);

const bodyOf = ({ bodies }: Operation): fc.Arbitrary<{ type: string; json: unknown } | undefined> =>
  bodies.length === 0
    ? fc.constant(undefined)
    : fc.constantFrom(...bodies).chain(([type, schema]) => fitting(schema).map((json) => ({ type, json })));

const encoded = (text: unknown): string => encodeURIComponent(String(text).toWellFormed());

interface Wild {
  readonly method?: string | undefined;
  readonly segment?: string | undefined;
  readonly query?: readonly string[] | undefined;
  readonly headers?: readonly (readonly [string, string])[] | undefined;
  readonly changes?: readonly Change[] | undefined;
  readonly bytes?: Buffer | undefined;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE'];
const wildQuery = fc.oneof(
  hostileQuery,
  fc
    .tuple(
      fc.constantFrom('squad', 'after', 'before', 'limit', 'kind', 'severity', 'since', 'x'),
      hostileText,
    )
    .map(([name, text]) => `${name}=${encoded(text.slice(0, 1_000))}`),
);

/** One or several things that are wrong with a request; half of all requests have none. */
const wild: fc.Arbitrary<Wild> = fc.oneof(
  fc.constant({}),
  fc.oneof(
    fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 3 }) }),
    fc.record({ query: fc.array(wildQuery, { minLength: 1, maxLength: 3 }) }),
    fc.record({ headers: fc.array(hostileHeader, { minLength: 1, maxLength: 3 }) }),
    fc.record({ bytes: hostileBytes }),
    fc.record({ segment: hostileSegment }),
    fc.record({ method: fc.constantFrom(...methods) }),
    fc.record(
      {
        method: fc.constantFrom(...methods),
        segment: hostileSegment,
        query: fc.array(wildQuery, { maxLength: 3 }),
        headers: fc.array(hostileHeader, { maxLength: 4 }),
        changes: fc.array(change, { maxLength: 4 }),
        bytes: hostileBytes,
      },
      { requiredKeys: [] },
    ),
  ),
);

/**
 * Ids that exist: a thing, and one that belongs to it, in the order of a path. A request takes them when it is sent, as
 * nobody knows them before.
 */
export type KnownIds = readonly (readonly string[])[];

/** Requests of an operation: half of them fit its description, with ids that exist; something is wrong with the others. */
export const requestOf = (operation: Operation): fc.Arbitrary<(ids: KnownIds) => FuzzRequest> =>
  fc
    .record({
      values: fc.tuple(
        ...operation.parameters.map(({ required, schema }) =>
          fc.record({
            value: fitting(schema),
            left: required ? fc.constant(false) : fc.boolean(),
          }),
        ),
      ),
      known: fc.option(fc.nat(), { freq: 5 }),
      body: bodyOf(operation),
      wild,
    })
    .map(
      ({ values, known, body, wild: { method, segment, query = [], headers = [], changes = [], bytes } }) =>
        (ids) => {
          const chosen = [...(known === null || ids.length === 0 ? [] : (ids[known % ids.length] ?? []))];
          const given = operation.parameters.map(({ name, in: place, schema }, index) => {
            const { value, left } = values[index] as (typeof values)[number];
            const id = schema['format'] === 'uuid' ? chosen.shift() : undefined;
            return { name, place, left, text: String(id ?? value) };
          });
          const at = (place: string) => given.filter((one) => one.place === place && !one.left);
          const path = at('path').reduce(
            (whole, { name, text }) => whole.replace(`{${name}}`, () => encoded(text)),
            operation.path,
          );
          const search = [...at('query').map(({ name, text }) => `${name}=${encoded(text)}`), ...query].join(
            '&',
          );
          return {
            operation,
            valid:
              [method, segment, bytes].every((one) => one === undefined) &&
              [query, headers, changes].every(({ length }) => length === 0),
            method: method ?? operation.method,
            target: `${segment === undefined ? path : path.replace(/[^/]*$/, () => segment)}${search && `?${search}`}`,
            headers: [
              ...(body ? [['content-type', body.type] as const] : []),
              ...at('header').map(({ name, text }) => [name, text] as const),
              ...headers,
            ],
            body: bytes ?? (body && Buffer.from(JSON.stringify(changed(body.json, changes)))),
          };
        },
    );
