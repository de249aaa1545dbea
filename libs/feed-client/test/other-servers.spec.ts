import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFeedClient } from '../src/index.js';

// What may stand at the feed's address and is not the feed: a gateway that refuses, a web page, a broken server.
let servers: Server[] = [];

const listen = async (answer: RequestListener): Promise<string> => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

afterEach(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  servers = [];
});

const subscribe = async (url: string): Promise<void> => {
  const feed = createFeedClient({ url, token: 'a-token' });
  for await (const _ of feed.subscribe({ squad: 'infra-ops', from: 'start' }))
    throw new Error('this is no feed');
};

it.each([429, 503])('comes back to a gateway that answers %i when it was told to', async (status) => {
  const times: number[] = [];
  const url = await listen((_, response) => {
    times.push(performance.now());
    if (times.length === 1) response.writeHead(status, { 'retry-after': '2' }).end('not now');
    else response.writeHead(404).end('gone');
  });
  await expect(subscribe(url)).rejects.toMatchObject({ code: 'http-404', status: 404 });
  const [first = 0, second = 0] = times;
  expect(times).toHaveLength(2);
  expect(second - first).toBeGreaterThanOrEqual(1_990);
});

it('takes a web page for no feed', async () => {
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in');
  });
  await expect(subscribe(url)).rejects.toMatchObject({ code: 'no-event-stream', retriable: false });
});

it('does not fill its memory with an event that never ends', async () => {
  let sent = 0;
  const url = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = (): void => {
      while (!response.destroyed && response.write(`data: ${'x'.repeat(10_000)}\n`)) sent += 10_000;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await expect(subscribe(url)).rejects.toMatchObject({ code: 'event-too-long' });
  expect(sent).toBeLessThan(50_000_000);
});

it('does not send a cursor that is none', async () => {
  const feed = createFeedClient({ url: await listen(() => undefined), token: 'a-token' });
  const items = feed.subscribe({ squad: 'infra-ops', from: '7\r\nx-injected: 1' });
  await expect(items[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'invalid-cursor' });
});

it('keeps the path of its address', async () => {
  const paths: (string | undefined)[] = [];
  const url = await listen(({ url: path }, response) => {
    paths.push(path);
    response.writeHead(404).end();
  });
  await expect(subscribe(`${url}/soma/feed`)).rejects.toMatchObject({ status: 404 });
  expect(paths).toEqual(['/soma/feed/v1/stream?squad=infra-ops']);
});
