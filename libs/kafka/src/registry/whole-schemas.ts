import {
  type AvroNamed,
  type AvroSchema,
  fullName,
  inlineReferences,
  type ReferencedTypes,
  registeredType,
} from '@soma/contracts';
import type { RegisteredSchema, SchemaReference, SchemaRegistry, StoredSchema } from './registry.js';

/** More versions than the schemas of one service have; bounds what is kept. */
const mostKept = 1_000;
/** More types than anybody refers to from one schema; bounds what a schema of somebody else can make us ask for. */
const mostTypes = 1_000;

/** A version, and its schema with the types that it refers to written out. */
export interface WholeSchema extends RegisteredSchema {
  readonly whole: string;
}

type Asked = Pick<SchemaRegistry, 'schemaById' | 'version'>;

/** The type that a text defines; undefined if it defines none. */
const namedType = (text: string): AvroNamed | undefined => {
  const type = JSON.parse(text) as Partial<AvroNamed> | null;
  return typeof type?.name === 'string' ? (type as AvroNamed) : undefined;
};

/** The text with the types of the others written out; as it is where one of them is no Avro. */
const written = (schema: string, others: readonly string[]): string => {
  try {
    const types = others.flatMap((text): [string, AvroNamed][] => {
      const type = namedType(text);
      return type ? [[fullName(type), type]] : [];
    });
    const known: ReferencedTypes = new Map(types);
    return JSON.stringify(registeredType(inlineReferences(JSON.parse(schema) as AvroSchema, known)));
  } catch {
    return schema;
  }
};

/**
 * Schemas of a registry as readers are compiled against them: the types that they refer to are written out, each where it
 * is used first. Versions never change, so what was read once is kept, up to a bound: whoever has to see that a subject
 * was deleted and made anew takes a new one of these. Errors are those of {@link SchemaRegistry}.
 */
export class WholeSchemas {
  readonly #kept = new Map<string, RegisteredSchema>();

  constructor(private readonly registry: Asked) {}

  /** The whole schema of an id; undefined when the registry does not know it, or a type that it refers to. */
  async byId(id: number): Promise<string | undefined> {
    const found = await this.registry.schemaById(id);
    return found && this.#whole(found);
  }

  /** A version as it stands and as a whole; undefined as in `byId`. */
  async version(subject: string, version: number): Promise<WholeSchema | undefined> {
    const found = await this.#version(subject, version);
    const whole = found && (await this.#whole(found));
    return found && whole !== undefined ? { ...found, whole } : undefined;
  }

  async #whole({ schema, references = [] }: StoredSchema): Promise<string | undefined> {
    if (references.length === 0) return schema;
    const texts = new Map<string, string>();
    return (await this.#collect(references, texts)) ? written(schema, [...texts.values()]) : undefined;
  }

  /** Adds the texts of the references, and of what they refer to; false when one is not there, or there are too many. */
  async #collect(references: readonly SchemaReference[], texts: Map<string, string>): Promise<boolean> {
    for (const { subject, version } of references) {
      const key = `${version} ${subject}`;
      if (texts.has(key)) continue;
      const found = texts.size < mostTypes ? await this.#version(subject, version) : undefined;
      if (!found) return false;
      texts.set(key, found.schema);
      if (!(await this.#collect(found.references ?? [], texts))) return false;
    }
    return true;
  }

  async #version(subject: string, version: number): Promise<RegisteredSchema | undefined> {
    const key = `${version} ${subject}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const found = await this.registry.version(subject, version);
    if (!found) return undefined;
    if (this.#kept.size >= mostKept) this.#kept.delete(this.#kept.keys().next().value as string);
    this.#kept.set(key, found);
    return found;
  }
}
