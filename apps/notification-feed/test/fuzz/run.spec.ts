import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OpenApi } from './openapi.js';
import { operationsOf } from './openapi.js';
import { fuzz } from './run.js';

const secret = 'nobody-else-may-see-this';
const problem = { type: 'object' };
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } } as const;
const guarded = [{ bearer: ['things:read'] }];
const refused = { content: { 'application/problem+json': { schema: problem } } };
const document: OpenApi = {
  paths: {
    '/things/{id}': {
      get: {
        parameters: [id],
        security: guarded,
        responses: {
          200: {
            content: {
              'application/json': {
                schema: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
              },
            },
          },
          403: refused,
          404: refused,
        },
      },
      delete: { parameters: [id], security: guarded, responses: { 204: {}, 403: refused, 404: refused } },
    },
  },
  components: {},
};

type Answer = readonly [status: number, type: string | undefined, body: string];

const refusal = (status: number, more: object = {}): Answer => [
  status,
  'application/problem+json',
  JSON.stringify({ type: 'about:blank', title: 't', status, detail: 'd', instance: '/', ...more }),
];
const thing: Answer = [200, 'application/json', '{"name":"a thing"}'];

/** A server that is right but for `flaw`, which may answer something else. */
const failuresOf = async (flaw: (method: string, scoped: boolean) => Answer | 'hang up' | undefined) => {
  const listener: RequestListener = (request, response) => {
    const scoped = request.headers.authorization === 'Bearer reader';
    const { method = '', url = '' } = request;
    const known = /^\/things\/[\w-]{10,100}(\?|$)/.test(url);
    const right = (): Answer => {
      if (!known || !['GET', 'HEAD', 'DELETE'].includes(method)) return refusal(404);
      if (!scoped) return refusal(403);
      return method === 'DELETE' ? [204, undefined, ''] : thing;
    };
    const answer = (known ? flaw(method, scoped) : undefined) ?? right();
    request.resume().on('end', () => {
      if (answer === 'hang up') return request.socket.destroy();
      const [status, type, body] = answer;
      return response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body);
    });
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { failures } = await fuzz({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    document,
    operations: operationsOf(document),
    callers: [
      {
        name: 'reader',
        token: 'reader',
        share: 1,
        foreign: [],
        circle: { scopes: ['things:read'], secrets: [secret] },
      },
      {
        name: 'stranger',
        token: 'stranger',
        share: 1,
        foreign: [],
        circle: { scopes: [], secrets: [secret] },
      },
    ],
    requests: 150,
    seed: 1,
    atOnce: 4,
  });
  server.closeAllConnections();
  server.close();
  return failures.join('\n');
};

it('finds nothing wrong with a server that is right', async () => {
  expect(await failuresOf(() => undefined)).toBe('');
});

it.each<[string, Answer | 'hang up', RegExp]>([
  ['an error of the server', refusal(500), /is an error of the server/],
  ['a status that is not documented', refusal(418), /status that the document does not name/],
  ['an error that is no problem', [404, 'text/html', '<h1>404</h1>'], /is text\/html, not a problem/],
  ['a problem without a title', refusal(404, { title: 1 }), /has no title/],
  ['a problem of another status', refusal(404, { status: 400 }), /says status 400/],
  ['an endless problem', refusal(404, { detail: 'x'.repeat(100_000) }), /is 100\d+ characters long/],
  ['an answer that does not fit', [200, 'application/json', '{}'], /does not fit .*name/],
  ['an answer of another type', [200, 'text/plain', 'x'], /is text\/plain, not application\/json/],
  ['a secret', [200, 'application/json', JSON.stringify({ name: secret })], /shows nobody-else/],
  ['no answer', 'hang up', /socket hang up/],
])('finds %s', async (_, answer, complaint) => {
  expect(await failuresOf((method) => (method === 'GET' ? answer : undefined))).toMatch(complaint);
});

it('finds content where there is none, and an answer to somebody without the scopes', async () => {
  expect(await failuresOf((method) => (method === 'DELETE' ? thing : undefined))).toMatch(/does not name/);
  expect(await failuresOf((method, scoped) => (method === 'GET' && !scoped ? thing : undefined))).toMatch(
    /stranger: .*\n {2}was given to somebody without the scopes/,
  );
});

it('shows a request so that it can be sent again, without the token', async () => {
  const failures = await failuresOf((method) => (method === 'GET' ? refusal(500) : undefined));
  expect(failures).toMatch(
    /curl .* -X GET -H "authorization: Bearer \$TOKEN" .*'http:\/\/127\.0\.0\.1:\d+\/things\//,
  );
  expect(failures).not.toMatch(/Bearer (reader|stranger)/);
});
