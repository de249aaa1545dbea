import { z } from 'zod';
import type { CompatibilityLevel } from '@soma/contracts';
import type { RegistrySettings } from '../config.js';
import { KafkaError, messageOf } from '../errors.js';

const requestTimeoutMs = 10_000;
const mediaType = 'application/vnd.schemaregistry.v1+json';

/** A schema as text plus the subjects it refers to, as the registry takes and gives it. */
export interface RegisteredSchema {
  readonly id: number;
  readonly version: number;
  readonly schema: string;
}

const schemaAnswer = z.object({ schema: z.string() });
const idAnswer = z.object({ id: z.int() });
const versionAnswer = z.object({ id: z.int(), version: z.int(), schema: z.string() });
const compatibleAnswer = z.object({ is_compatible: z.boolean() });
const levelAnswer = z.object({ compatibilityLevel: z.string() });
const errorAnswer = z.object({ error_code: z.number().optional(), message: z.string().optional() });

/** What the registry refused: its own error code and message, and the HTTP status. */
export class RegistryRefusal extends KafkaError {
  override readonly name = 'RegistryRefusal';
  constructor(
    readonly status: number,
    readonly errorCode: number,
    message: string,
  ) {
    super('REGISTRY_REFUSED', message);
  }
}

/**
 * The part of the Confluent schema-registry API that this project uses. Every call throws `KafkaError`:
 * `REGISTRY_UNAVAILABLE` (transient: no answer, or 5xx) or `RegistryRefusal` (the registry said no).
 */
export class SchemaRegistry {
  constructor(private readonly settings: RegistrySettings) {}

  /** The schema text of an id; undefined when the registry does not know it. */
  async schemaById(id: number): Promise<string | undefined> {
    return (await this.#maybe(`/schemas/ids/${id}`, schemaAnswer))?.schema;
  }

  /** Names of every subject. */
  subjects(): Promise<string[]> {
    return this.#call('GET', '/subjects', z.array(z.string()));
  }

  /** Version numbers of a subject, oldest first; empty when there is no such subject. */
  async versions(subject: string): Promise<number[]> {
    return (await this.#maybe(`/subjects/${encodeURIComponent(subject)}/versions`, z.array(z.int()))) ?? [];
  }

  async version(subject: string, version: number | 'latest'): Promise<RegisteredSchema | undefined> {
    return this.#maybe(`/subjects/${encodeURIComponent(subject)}/versions/${version}`, versionAnswer);
  }

  /** The id and version under which exactly this schema is registered; undefined when it is not. */
  async lookup(subject: string, schema: string): Promise<RegisteredSchema | undefined> {
    try {
      return await this.#call('POST', `/subjects/${encodeURIComponent(subject)}`, versionAnswer, { schema });
    } catch (error) {
      if (error instanceof RegistryRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Registers a schema; the same schema again gives the same id. */
  async register(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    return (await this.#call('POST', path, idAnswer, { schema })).id;
  }

  /** Whether a schema is compatible with one version, by the level that is in force for the subject. */
  async compatible(subject: string, version: number, schema: string): Promise<boolean> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    return (await this.#call('POST', path, compatibleAnswer, { schema })).is_compatible;
  }

  /** The subject's own compatibility level; undefined when it follows the registry's default. */
  async level(subject: string): Promise<CompatibilityLevel | undefined> {
    const answer = await this.#maybe(`/config/${encodeURIComponent(subject)}`, levelAnswer);
    return answer?.compatibilityLevel as CompatibilityLevel | undefined;
  }

  async setLevel(subject: string, level: CompatibilityLevel): Promise<void> {
    await this.#call('PUT', `/config/${encodeURIComponent(subject)}`, z.unknown(), { compatibility: level });
  }

  /** Deletes a subject for good (soft delete, then permanent); for tests, which clean up after themselves. */
  async deleteSubject(subject: string): Promise<void> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    await this.#maybe(path, z.unknown(), 'DELETE');
    await this.#maybe(`${path}?permanent=true`, z.unknown(), 'DELETE');
  }

  /** Answers when the registry can list its subjects. */
  async health(): Promise<void> {
    await this.subjects();
  }

  async #maybe<T>(path: string, answer: z.ZodType<T>, method = 'GET'): Promise<T | undefined> {
    try {
      return await this.#call(method, path, answer);
    } catch (error) {
      if (error instanceof RegistryRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  async #call<T>(method: string, path: string, answer: z.ZodType<T>, body?: unknown): Promise<T> {
    const { url, username, password } = this.settings;
    const what = `schema registry ${method} ${path}`;
    const unavailable = (why: string, cause?: unknown) =>
      new KafkaError('REGISTRY_UNAVAILABLE', `${what} at ${url}: ${why}`, { cause, transient: true });
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
        method,
        headers: {
          accept: mediaType,
          ...(body !== undefined && { 'content-type': mediaType }),
          ...(username !== undefined && {
            authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`,
          }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw unavailable(messageOf((error as Error).cause ?? error), error);
    }
    if (response.status >= 500) throw unavailable(`${response.status} ${text.slice(0, 300)}`);
    const json = parseJson(text);
    if (!response.ok) {
      const refusal = errorAnswer.safeParse(json);
      const message = refusal.data?.message ?? text.slice(0, 300);
      throw new RegistryRefusal(
        response.status,
        refusal.data?.error_code ?? response.status,
        `${what}: ${message}`,
      );
    }
    const parsed = answer.safeParse(json);
    if (!parsed.success) throw unavailable(`unexpected answer ${text.slice(0, 300)}`);
    return parsed.data;
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
