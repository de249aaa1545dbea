import { wholeSchema } from '@soma/catalogue';
import { type AvroSchema, namedTypes, type RegisteredReference } from '@soma/contracts';
import { jsonOf } from './schema-text.js';
import type { RefersTo } from './types.js';

/** The types with these names and all that they refer to, in the order in which they can be registered. */
export const referringTo = (
  direct: readonly string[],
  all: readonly RegisteredReference[],
): RefersTo | undefined => {
  if (direct.length === 0) return undefined;
  const needed = new Set(direct);
  // From the end: each comes after those that it refers to.
  for (const { name, references } of all.toReversed()) {
    if (needed.has(name)) for (const one of references) needed.add(one);
  }
  return { references: all.filter(({ name }) => needed.has(name)), direct };
};

/** How many registrations have to come before, one after the other. */
export const depthOf = (refersTo: RefersTo | undefined): number => {
  const depths = new Map<string, number>();
  const below = (names: readonly string[]): number =>
    Math.max(0, ...names.map((name) => 1 + (depths.get(name) ?? 0)));
  for (const { name, references } of refersTo?.references ?? []) depths.set(name, below(references));
  return below(refersTo?.direct ?? []);
};

/** The text of a schema with the types that it refers to written out. */
export const wholeText = (schema: string, refersTo: RefersTo | undefined): string => {
  if (!refersTo) return schema;
  const whole = wholeSchema(
    schema,
    refersTo.references.map((one) => one.schema),
  );
  return whole ? JSON.stringify(whole) : schema;
};

/**
 * Whether Apicurio 3.0.9 can compare a schema with an older version of its subject: it reads the older text with the
 * types that the new one refers to, so that text must find there all that it refers to, and define none of it.
 */
export const isComparable = (
  older: { readonly schema: string; readonly references?: readonly { readonly name: string }[] | undefined },
  refersTo: RefersTo | undefined,
): boolean => {
  const types = new Set(refersTo?.references.map(({ name }) => name));
  const found = (older.references ?? []).every(({ name }) => types.has(name));
  return found && !definedIn(older.schema).some((name) => types.has(name));
};

const definedIn = (text: string): readonly string[] => {
  const schema = jsonOf(text);
  const isAvro = typeof schema === 'object' && schema !== null;
  return isAvro ? [...namedTypes(schema as AvroSchema).keys()] : [];
};
