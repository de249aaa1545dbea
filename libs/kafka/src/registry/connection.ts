import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { RegistrySettings } from '../config.js';
import { KafkaError, messageOf } from '../errors.js';
import { Turns } from './turns.js';

const requestTimeoutMs = 10_000;
const requestsInFlight = 8;
const mediaType = 'application/vnd.schemaregistry.v1+json';

const errorAnswer = z.object({ error_code: z.number().optional(), message: z.string().optional() });

/** Method, path with `{}` where a value goes, and the values. */
export type Route = readonly [method: string, path: string, ...values: (string | number)[]];

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

/** The registry answered that it failed, which says nothing of the request: the same one may succeed. */
class RegistryFault extends KafkaError {
  override readonly name = 'RegistryFault';
}

/**
 * How often a request is sent that the registry answers with 5xx, and the first pause. Every request of ours may be sent
 * again. Apicurio 3.0.9 fails for a moment when content is registered that somebody has just deleted elsewhere.
 */
const tries = { most: 5, firstPauseMs: 100 };

/** Requests to one registry: a few at a time over connections that are kept, each counted under its route. */
export class RegistryConnection {
  readonly #counts = new Map<string, number>();
  readonly #turns = new Turns(requestsInFlight);

  constructor(private readonly settings: RegistrySettings) {}

  get requests(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }

  /** The answer, once it has the expected shape; throws `REGISTRY_UNAVAILABLE` or {@link RegistryRefusal}. */
  async call<T>(route: Route, answer: z.ZodType<T>, body?: unknown): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#ask(route, answer, body);
      } catch (error) {
        if (tried === tries.most || !(error instanceof RegistryFault)) throw error;
        await sleep(tries.firstPauseMs * 2 ** (tried - 1));
      }
    }
  }

  async #ask<T>([method, route, ...values]: Route, answer: z.ZodType<T>, body: unknown): Promise<T> {
    const rest = [...values];
    const path = route.replaceAll('{}', () => encodeURIComponent(rest.shift() ?? ''));
    const what = `schema registry ${method} ${path}`;
    const unavailable = (why: string, cause?: unknown, Kind = KafkaError) =>
      new Kind('REGISTRY_UNAVAILABLE', `${what} at ${this.settings.url}: ${why}`, { cause, transient: true });
    let status: number;
    let text: string;
    try {
      // The turn first: the time of a request begins when it is sent.
      ({ status, text } = await this.#turns.take(() => {
        const name = `${method} ${route}`;
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
        return this.#send(method, path, body);
      }));
    } catch (error) {
      throw unavailable(messageOf((error as Error).cause ?? error), error);
    }
    if (status >= 500) throw unavailable(`${status} ${text.slice(0, 300)}`, undefined, RegistryFault);
    const json = parseJson(text);
    if (status >= 400) {
      const refusal = errorAnswer.safeParse(json);
      const message = refusal.data?.message ?? text.slice(0, 300);
      throw new RegistryRefusal(status, refusal.data?.error_code ?? status, `${what}: ${message}`);
    }
    const parsed = answer.safeParse(json);
    if (!parsed.success) throw unavailable(`unexpected answer ${text.slice(0, 300)}`);
    return parsed.data;
  }

  async #send(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const { url, username, password } = this.settings;
    const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
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
    return { status: response.status, text: await response.text() };
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
