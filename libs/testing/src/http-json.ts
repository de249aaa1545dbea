/** An answer with its body read: parsed if it is JSON, the text if not. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface HttpJsonOptions {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Bearer token. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request, with a JSON body and a bearer token if given. Answers of any status are answers, not errors. */
export async function httpJson(
  url: string,
  { method, body, token, headers }: HttpJsonOptions = {},
): Promise<JsonAnswer> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: json && text ? JSON.parse(text) : text };
}
