import { retryAfterMs } from './core/backoff.js';
import { type FieldError, FeedError } from './errors.js';

/** A bearer token, or where to ask for one: before each connection, and once more after a 401. */
export type TokenSource = string | (() => string | Promise<string>);

export interface FeedOptions {
  /** Address of the feed, absolute; a path in it stays in front of the feed's own. */
  readonly url: string;
  readonly token: TokenSource;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export interface FeedRequest {
  /** Below the feed's address, without a leading slash. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with POST, as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request; answers what is 2xx, and throws a {@link FeedError} for everything else. */
export type Send = (request: FeedRequest) => Promise<Response>;

const unauthorized = 401;

const askFor = async (token: TokenSource): Promise<string> => {
  if (typeof token === 'string') return token;
  try {
    return await token();
  } catch (cause) {
    throw new FeedError('no-token', `there is no token: ${reason(cause)}`, { cause });
  }
};

/** What an error says, down to its cause: fetch itself says no more than that it failed. */
export const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message ? cause.message : error.message;
};

export const createSend = ({ url, token, fetch: own }: FeedOptions): Send => {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const attempt = async ({ path, query, headers, body, signal }: FeedRequest): Promise<Response> => {
    const address = new URL(path, base);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) address.searchParams.set(name, value);
    const authorization = `Bearer ${await askFor(token)}`;
    const init: RequestInit = {
      headers: {
        authorization,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      cache: 'no-store',
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    try {
      return await (own ?? fetch)(address, init);
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw new FeedError('unreachable', `the feed at ${base.origin} does not answer: ${reason(cause)}`, {
        cause,
      });
    }
  };
  return async (request) => {
    let response = await attempt(request);
    if (response.status === unauthorized && typeof token === 'function') {
      await response.body?.cancel();
      response = await attempt(request);
    }
    if (response.ok) return response;
    throw await refusal(response);
  };
};

interface ProblemDocument {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
}

const refusal = async (response: Response): Promise<FeedError> => {
  const { status } = response;
  const problem = (await response.json().catch(() => undefined)) as ProblemDocument | null | undefined;
  const { code = `http-${status}`, detail, errors } = problem ?? {};
  return new FeedError(code, `the feed answered ${status}: ${detail ?? response.statusText}`, {
    status,
    ...(detail !== undefined && { detail }),
    ...(Array.isArray(errors) && { errors: errors as readonly FieldError[] }),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
  });
};

/** The JSON of an answer. */
export const jsonOf = async <T>(response: Response): Promise<T> => {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new FeedError('interrupted', `the answer of the feed is not whole: ${reason(cause)}`, { cause });
  }
};
