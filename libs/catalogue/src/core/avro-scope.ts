import { fullName, primitiveNames } from '@soma/contracts';
import { isRecord } from './loose.js';

/** What is known where a schema stands. */
export interface Scope {
  readonly namespace: string;
  /** Kinds of the named types defined so far, by full name. */
  readonly defined: Map<string, string>;
  /** True if the topic's compatibility asks that readers survive symbols they do not know. */
  readonly symbolsEvolve: boolean;
}

/** True for the names of types without parts. */
export const isPrimitive = (name: unknown): boolean => primitiveNames.some((primitive) => primitive === name);

/** True for what Avro takes as a name. */
export const isName = (name: unknown): name is string =>
  typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** What {@link isName} takes, for messages. */
export const nameForm = 'letters, digits and underscores, not starting with a digit';

/** Name under which a reference finds its definition; undefined if there is none. */
export const resolve = (name: string, { namespace, defined }: Scope): string | undefined =>
  [fullName({ name }, namespace), name].find((candidate) => defined.has(candidate));

/** What a union's branches look like in JavaScript: two of one kind could not be told apart. */
export const shapeOf = (branch: unknown, scope: Scope): string => {
  const type = isRecord(branch) ? branch['type'] : branch;
  const name = String(type);
  const kind =
    isPrimitive(name) || isRecord(branch) ? name : (scope.defined.get(resolve(name, scope) ?? '') ?? name);
  if (['int', 'long', 'float', 'double'].includes(kind)) return 'a number';
  if (['string', 'enum'].includes(kind)) return 'a text';
  if (['bytes', 'fixed'].includes(kind)) return 'bytes';
  if (['record', 'map'].includes(kind)) return 'an object';
  return kind;
};
