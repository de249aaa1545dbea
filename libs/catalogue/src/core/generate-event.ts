import { type AvroField, type CatalogueTopic, namedTypes } from '@soma/contracts';
import { generateValue } from './generate-value.js';
import { randomOf } from './random.js';

/** How a series of generated events runs. */
export interface SeriesOptions {
  /** Time of the first event, milliseconds since the epoch; 2026-01-01T00:00:00Z if left out. */
  readonly startAt?: number;
  /** Milliseconds from one event to the next; 1000 if left out. */
  readonly interval?: number;
  /** How many different keys occur; as many as there are examples of the key, or 8, if left out. */
  readonly keys?: number;
}

/** One generated event. */
export interface GeneratedEvent {
  /** The record's key: the content of the key field; null for a topic without one. */
  readonly key: string | null;
  /** What avsc encodes with the topic's schema. */
  readonly value: Readonly<Record<string, unknown>>;
}

const firstEvent = Date.UTC(2026, 0, 1);

const isUuid = ({ type }: AvroField): boolean =>
  typeof type === 'object' && 'logicalType' in type && type.logicalType === 'uuid';

const texts = (values: readonly unknown[]): readonly string[] =>
  values.filter((value) => typeof value === 'string');

/** The key in one of the series' slots: an example, numbered where there are more slots than examples, or an id. */
const keyInSlot = (examples: readonly string[], seed: number, slot: number): string => {
  const example = examples[slot % examples.length];
  if (example === undefined) return randomOf(`${seed}/key/${slot}`).uuid();
  return slot < examples.length ? example : `${example}-${Math.floor(slot / examples.length) + 1}`;
};

/**
 * The event number `index` (from 0) of the series that `seed` names, valid for the topic's schema. Pure: equal arguments give
 * equal events. Undefined for a topic that has no schema. Keys repeat, times advance, a field added to the schema
 * leaves the values of the others as they were.
 */
export const generateEvent = (
  { spec, annotated }: CatalogueTopic,
  seed: number,
  index: number,
  { startAt = firstEvent, interval = 1000, keys }: SeriesOptions = {},
): GeneratedEvent | undefined => {
  if (!annotated) return undefined;
  const name = `${seed}/${index}`;
  const random = randomOf(name);
  const at = Math.floor(startAt + index * interval + random.real() * interval);
  const field = annotated.fields.find((one) => one.name === spec.key?.field);
  // Where whole examples name the key, the rest of the event goes with it.
  const rows = annotated.examples ?? [];
  const rowKeys = field ? texts(rows.map((row) => row[field.name])) : [];
  const tied = rows.length > 0 && rowKeys.length === rows.length;
  const examples = !field || isUuid(field) ? [] : tied ? rowKeys : texts(field.examples ?? []);
  const slot = random.whole(0, (keys ?? (examples.length || 8)) - 1);

  const value = generateValue(annotated, {
    name,
    at,
    namespace: '',
    definitions: namedTypes(annotated),
    depth: 0,
    examples: tied ? rows.slice(slot % rows.length).slice(0, 1) : [],
  }) as Readonly<Record<string, unknown>>;
  if (!field) return { key: null, value };
  const key = keyInSlot(examples, seed, slot);
  return { key, value: { ...value, [field.name]: key } };
};
