import { z } from 'zod';
import type { CompatibilityLevel } from '@soma/contracts';
import type { RegistrySettings } from '../config.js';
import { RegistryConnection, RegistryRefusal, type Route } from './connection.js';

/** A schema that another one names: its full name there, and where it is registered. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as text plus the subjects it refers to, as the registry takes and gives it. */
export interface StoredSchema {
  readonly schema: string;
  readonly references?: readonly SchemaReference[] | undefined;
}

/** A schema under its subject. */
export interface RegisteredSchema extends StoredSchema {
  readonly id: number;
  readonly version: number;
}

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });
const schemaAnswer = z.object({ schema: z.string(), references: z.array(reference).optional() });
const idAnswer = z.object({ id: z.int() });
const versionAnswer = schemaAnswer.extend({ id: z.int(), version: z.int() });
const compatibleAnswer = z.object({ is_compatible: z.boolean() });
const levelAnswer = z.object({ compatibilityLevel: z.string() });

const body = (schema: string, references: readonly SchemaReference[]) => ({
  schema,
  ...(references.length > 0 && { references }),
});

/**
 * The part of the Confluent schema-registry API that this project uses. Every call throws `KafkaError`:
 * `REGISTRY_UNAVAILABLE` (transient: no answer, or 5xx) or `RegistryRefusal` (the registry said no). Any number of
 * calls may be made at once: they share a few connections, and wait for their turn.
 */
export class SchemaRegistry {
  readonly #connection: RegistryConnection;

  constructor(settings: RegistrySettings) {
    this.#connection = new RegistryConnection(settings);
  }

  /** Requests sent up to now, by method and route: `GET /subjects/{}/versions`. */
  get requests(): ReadonlyMap<string, number> {
    return this.#connection.requests;
  }

  /** The schema of an id; undefined when the registry does not know it. */
  async schemaById(id: number): Promise<StoredSchema | undefined> {
    return this.#maybe(['GET', '/schemas/ids/{}', id], schemaAnswer);
  }

  /** Names of every subject. */
  subjects(): Promise<string[]> {
    return this.#connection.call(['GET', '/subjects'], z.array(z.string()));
  }

  /** Version numbers of a subject, oldest first; empty when there is no such subject. */
  async versions(subject: string): Promise<number[]> {
    return (await this.#maybe(['GET', '/subjects/{}/versions', subject], z.array(z.int()))) ?? [];
  }

  async version(subject: string, version: number | 'latest'): Promise<RegisteredSchema | undefined> {
    return this.#maybe(['GET', '/subjects/{}/versions/{}', subject, version], versionAnswer);
  }

  /** The id and version under which exactly this schema is registered; undefined when it is not. */
  async lookup(
    subject: string,
    schema: string,
    references: readonly SchemaReference[] = [],
  ): Promise<RegisteredSchema | undefined> {
    return this.#maybe(['POST', '/subjects/{}', subject], versionAnswer, body(schema, references));
  }

  /** Registers a schema; the same schema again gives the same id. */
  async register(
    subject: string,
    schema: string,
    references: readonly SchemaReference[] = [],
  ): Promise<number> {
    const route: Route = ['POST', '/subjects/{}/versions', subject];
    return (await this.#connection.call(route, idAnswer, body(schema, references))).id;
  }

  /**
   * Whether a schema is compatible with one version, by the level that is in force for the subject. Apicurio 3.0.9
   * refuses this question (422) for schemas with references, though it judges them when they are registered.
   */
  async compatible(
    subject: string,
    version: number,
    schema: string,
    references: readonly SchemaReference[] = [],
  ): Promise<boolean> {
    const route: Route = ['POST', '/compatibility/subjects/{}/versions/{}', subject, version];
    return (await this.#connection.call(route, compatibleAnswer, body(schema, references))).is_compatible;
  }

  /**
   * The subject's own compatibility level; undefined when it follows the registry's default. Apicurio 3.0.9 says
   * `NONE` for a subject that follows the default, too, and keeps no `NONE` of a subject's own.
   */
  async level(subject: string): Promise<CompatibilityLevel | undefined> {
    const answer = await this.#maybe(['GET', '/config/{}', subject], levelAnswer);
    return answer?.compatibilityLevel as CompatibilityLevel | undefined;
  }

  /** The level by which the registry judges new versions of a subject: its own, or else the registry's default. */
  async levelInForce(subject: string): Promise<CompatibilityLevel | undefined> {
    const answer = await this.#maybe(['GET', '/config/{}?defaultToGlobal=true', subject], levelAnswer);
    return answer?.compatibilityLevel as CompatibilityLevel | undefined;
  }

  /** The level that subjects without one of their own follow. */
  async defaultLevel(): Promise<CompatibilityLevel> {
    const answer = await this.#connection.call(['GET', '/config'], levelAnswer);
    return answer.compatibilityLevel as CompatibilityLevel;
  }

  async setLevel(subject: string, level: CompatibilityLevel): Promise<void> {
    await this.#connection.call(['PUT', '/config/{}', subject], z.unknown(), { compatibility: level });
  }

  /** Lets a subject follow the registry's default level again. */
  async deleteLevel(subject: string): Promise<void> {
    await this.#maybe(['DELETE', '/config/{}', subject], z.unknown());
  }

  /**
   * Deletes one version for good (soft delete, then permanent); nothing happens when there is none. A version that
   * others refer to is refused.
   */
  async deleteVersion(subject: string, version: number): Promise<void> {
    await this.#maybe(['DELETE', '/subjects/{}/versions/{}', subject, version], z.unknown());
    await this.#maybe(['DELETE', '/subjects/{}/versions/{}?permanent=true', subject, version], z.unknown());
  }

  /** Deletes a subject for good (soft delete, then permanent); for tests, which clean up after themselves. */
  async deleteSubject(subject: string): Promise<void> {
    await this.#maybe(['DELETE', '/subjects/{}', subject], z.unknown());
    await this.#maybe(['DELETE', '/subjects/{}?permanent=true', subject], z.unknown());
  }

  /** Answers when the registry can list its subjects. */
  async health(): Promise<void> {
    await this.subjects();
  }

  async #maybe<T>(route: Route, answer: z.ZodType<T>, content?: unknown): Promise<T | undefined> {
    try {
      return await this.#connection.call(route, answer, content);
    } catch (error) {
      if (error instanceof RegistryRefusal && error.status === 404) return undefined;
      throw error;
    }
  }
}
