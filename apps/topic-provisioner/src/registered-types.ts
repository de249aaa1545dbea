import { isDeepStrictEqual } from 'node:util';
import type { RegisteredReference } from '@soma/contracts';
import type { SchemaReference, SchemaRegistry } from '@soma/kafka';
import { referringTo } from './core/references.js';
import { sameSchema } from './core/schema-text.js';
import type { RefersTo } from './core/types.js';

/** A schema cannot be sent because a type that it refers to does not stand. */
class ReferenceNotRegistered extends Error {
  override readonly name = 'ReferenceNotRegistered';
  readonly code = 'REFERENCE_NOT_REGISTERED';

  constructor({ name, subject }: RegisteredReference) {
    super(`${name}, to which it refers, is not registered under ${subject} as it is declared: plan again`);
  }
}

/**
 * The version under which exactly this stands; undefined when it does not. Apicurio 3.0.9 looks text up: of a schema that
 * was registered with other spaces it says that there is none.
 */
export const registeredVersion = async (
  registry: SchemaRegistry,
  subject: string,
  schema: string,
  references: readonly SchemaReference[] = [],
): Promise<number | undefined> => {
  const found = await registry.lookup(subject, schema, references);
  if (found) return found.version;
  const newest = await registry.version(subject, 'latest');
  if (!newest || !sameSchema(newest.schema, schema)) return undefined;
  return isDeepStrictEqual(byName(newest.references ?? []), byName(references)) ? newest.version : undefined;
};

const byName = (references: readonly SchemaReference[]): readonly SchemaReference[] =>
  references.toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Versions of the types that schemas refer to, each looked up once: for one look, or one batch. */
export class RegisteredTypes {
  readonly #versions = new Map<string, Promise<number | undefined>>();

  constructor(private readonly registry: SchemaRegistry) {}

  /** What a schema refers to as the registry takes it; undefined while one of the types does not stand. */
  async find(refersTo: RefersTo | undefined): Promise<readonly SchemaReference[] | undefined> {
    const found = await this.#resolve(refersTo);
    return 'missing' in found ? undefined : found.references;
  }

  /** The same for a schema that is sent now; throws `ReferenceNotRegistered`. */
  async demand(refersTo: RefersTo | undefined): Promise<readonly SchemaReference[]> {
    const found = await this.#resolve(refersTo);
    if ('missing' in found) throw new ReferenceNotRegistered(found.missing);
    return found.references;
  }

  async #resolve(
    { references, direct }: RefersTo = { references: [], direct: [] },
  ): Promise<
    { readonly references: readonly SchemaReference[] } | { readonly missing: RegisteredReference }
  > {
    const versions = new Map<string, SchemaReference>();
    const named = (names: readonly string[]) => names.flatMap((name) => versions.get(name) ?? []);
    for (const type of references) {
      const { name, subject } = type;
      const version = await this.#versionOf(type, references, named(type.references));
      if (version === undefined) return { missing: type };
      versions.set(name, { name, subject, version });
    }
    return { references: named(direct) };
  }

  #versionOf(
    { subject, schema, references: names }: RegisteredReference,
    all: readonly RegisteredReference[],
    references: readonly SchemaReference[],
  ): Promise<number | undefined> {
    const key = JSON.stringify([subject, schema, referringTo(names, all)]);
    const known = this.#versions.get(key);
    if (known) return known;
    const asked = registeredVersion(this.registry, subject, schema, references);
    this.#versions.set(key, asked);
    return asked;
  }
}
