import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { FuzzRequest } from './requests.js';

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const patienceMs = 20_000;
/** A stream never ends: this much of it is looked at. */
const streamMs = 100;
const streamBytes = 1_048_576;

/** Sends a request as it is: what `fetch` would put right first is sent wrong. Rejects if there is no answer. */
export const send = (
  url: string,
  { method, target, headers, body }: FuzzRequest,
  { agent, token }: { agent: Agent; token: string },
): Promise<FuzzAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    // The last one of a name counts.
    const sent = Object.fromEntries([['authorization', `Bearer ${token}`], ...headers] as [string, string][]);
    const asked = request(
      { hostname, port, method, path: target, agent, headers: sent, timeout: patienceMs },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const done = (): void =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          });
        const cut = (): void => {
          done();
          asked.destroy();
        };
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > streamBytes && isStream) cut();
        });
        const isStream = response.headers['content-type']?.startsWith('text/event-stream') ?? false;
        if (isStream) setTimeout(cut, streamMs).unref();
        response.on('end', done);
        response.on('error', reject);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patienceMs} ms`)));
    asked.on('error', reject);
    if (body) asked.setHeader('content-length', body.length);
    asked.end(body);
  });

const shown = 2_000;
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The request as a line for a shell, without its token. */
export const curlLine = (url: string, { method, target, headers, body }: FuzzRequest): string =>
  [
    'curl --path-as-is --globoff -i',
    `-X ${method}`,
    '-H "authorization: Bearer $TOKEN"',
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body ? [`--data-binary ${quoted(clipped(body.toString()))}`] : []),
    quoted(`${url}${target}`),
  ].join(' ');

const clipped = (text: string): string =>
  text.length > shown ? `${text.slice(0, shown)}… (${text.length} characters)` : text;
