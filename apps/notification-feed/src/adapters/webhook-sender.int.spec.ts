import { request } from 'node:http';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { startDnsServer, type DnsServer } from '../../test/dns-server.js';
import { type Receiver, startReceiver } from '../../test/webhook-receiver.js';
import { judgeAddress, parseRange } from '../core/webhooks/address.js';
import { createWebhookSender, type SenderOptions } from './webhook-sender.js';

const range = (text: string) => [parseRange(text)].filter((parsed) => parsed !== undefined);
const loopback = range('127.0.0.0/8');
/** A second loopback address, which stands for one that may be asked: 127.0.0.1 may not. */
const fit = range('127.0.0.2/32');
const message = { headers: { 'webhook-id': 'msg_1' }, body: '{"a":"ü"}' };

let inside: Receiver;
let cleanUp: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  inside = await startReceiver('127.0.0.1');
  cleanUp = [() => inside.close()];
});

afterEach(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

const sender = (options: Partial<SenderOptions> = {}) =>
  createWebhookSender({ allowed: loopback, timeoutMs: 5_000, ...options });

const dnsServer = async (answer: (question: number) => readonly string[]): Promise<DnsServer> => {
  const server = await startDnsServer(answer);
  cleanUp.push(() => server.close());
  return server;
};

const rawServer = async (onConnection: (server: Server) => void): Promise<string> => {
  const server = createServer();
  onConnection(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(async () => {
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

it('delivers a message as it is', async () => {
  const attempt = await sender().send({ url: `${inside.url}?x=1`, ...message });
  expect(attempt).toMatchObject({ status: 204, error: null });
  expect(inside.messages).toMatchObject([
    { body: message.body, headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' } },
  ]);
});

it('follows no redirect, wherever it leads', async () => {
  const other = await startReceiver('127.0.0.1');
  cleanUp.push(() => other.close());
  for (const status of [301, 302, 303, 307, 308]) {
    inside.answer({ status, headers: { location: other.url } });
    const attempt = await sender().send({ url: inside.url, ...message });
    expect(attempt).toMatchObject({ status, error: `answered ${status}` });
  }
  expect(other.connections()).toBe(0);
});

it.each([
  (port: number) => `http://127.0.0.1:${port}/`,
  (port: number) => `http://2130706433:${port}/`,
  (port: number) => `http://0x7f000001:${port}/`,
  (port: number) => `http://0177.0.0.1:${port}/`,
  (port: number) => `http://[::ffff:127.0.0.1]:${port}/`,
  (port: number) => `http://0.0.0.0:${port}/`,
  (port: number) => `https://localhost:${port}/`,
  (port: number) => `http://localhost.:${port}/`,
  (port: number) => ['https://user', `pass@127.0.0.1:${port}/`].join(':'),
])('makes no connection to the inside: %#', async (urlOf) => {
  const url = urlOf(inside.port);
  const guarded = sender({ allowed: [] });
  const attempt = await guarded.send({ url, ...message });
  expect(attempt).toMatchObject({ status: null, error: expect.stringMatching(/^not sent/) as string });
  expect(await guarded.check(url)).toMatch(/not-public|credentials|no-address/);
  expect(inside.connections()).toBe(0);
});

describe('a name that is rebound', () => {
  const url = () => `http://rebound.example.com:${inside.port}/`;

  it('deceives whoever looks it up a second time to connect', async () => {
    const dns = await dnsServer((question) => [question === 0 ? '127.0.0.2' : '127.0.0.1']);
    const [judged = ''] = await dns.resolver.resolve4('rebound.example.com');
    expect(judgeAddress(judged, fit)).toBe('allowed');
    const naive = request(url(), {
      method: 'POST',
      lookup: (host, _options, callback) =>
        void dns.resolver.resolve4(host).then((found) =>
          callback(
            null,
            found.map((address) => ({ address, family: 4 })),
          ),
        ),
    });
    naive.end();
    await once(naive, 'response');
    expect(inside.messages).toHaveLength(1);
  });

  it('is connected to at the address that was judged, and at no other', async () => {
    const outside = await startReceiver('127.0.0.2', inside.port);
    cleanUp.push(() => outside.close());
    const dns = await dnsServer((question) => [question === 0 ? '127.0.0.2' : '127.0.0.1']);
    const guarded = sender({ allowed: fit, resolve: (host) => dns.resolver.resolve4(host) });
    expect(await guarded.send({ url: url(), ...message })).toMatchObject({ status: 204 });
    expect(outside.messages).toMatchObject([{ headers: { host: `rebound.example.com:${inside.port}` } }]);
    expect(dns.questions()).toBe(1);
    expect(await guarded.send({ url: url(), ...message })).toMatchObject({ status: null });
    expect(dns.questions()).toBe(2);
    expect(inside.connections()).toBe(0);
  });

  it('is not asked after a public answer that nobody connects to', async () => {
    const dns = await dnsServer((question) => [question === 0 ? '1.1.1.1' : '127.0.0.1']);
    const guarded = sender({ allowed: [], resolve: (host) => dns.resolver.resolve4(host) });
    const https = `https://rebound.example.com:${inside.port}/`;
    expect(await guarded.check(https)).toBeUndefined();
    expect(await guarded.check(https)).toBe('not-public');
    expect(await guarded.send({ url: https, ...message })).toMatchObject({ status: null });
    expect(inside.connections()).toBe(0);
  });

  it('is not asked if one of its addresses is unfit, whichever comes first', async () => {
    const mixed = ['127.0.0.2', '127.0.0.1'];
    const dns = await dnsServer((question) => (question % 2 === 0 ? mixed : mixed.toReversed()));
    const guarded = sender({ allowed: fit, resolve: (host) => dns.resolver.resolve4(host) });
    for (const _ of [1, 2])
      expect(await guarded.send({ url: url(), ...message })).toMatchObject({
        error: expect.stringMatching(/every address/) as string,
      });
    expect(inside.connections()).toBe(0);
  });

  it('is a failed attempt when there is no such name', async () => {
    const dns = await dnsServer(() => []);
    const guarded = sender({ resolve: (host) => dns.resolver.resolve4(host) });
    expect(await guarded.send({ url: url(), ...message })).toMatchObject({
      error: expect.stringMatching(/can be found/) as string,
    });
  });
});

it('gives up on a receiver that says nothing, and says so', async () => {
  const url = await rawServer((server) =>
    server.on('connection', (socket) => socket.resume().on('error', () => undefined)),
  );
  expect(await sender({ timeoutMs: 200 }).send({ url, ...message })).toMatchObject({
    status: null,
    error: 'no answer within 200 ms',
  });
});

it('takes the status of a receiver that never ends its answer, and leaves', async () => {
  let written = 0;
  const url = await rawServer((server) =>
    server.on('connection', (socket) => {
      socket.on('error', () => undefined).resume();
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
      const more = (): void => {
        written += chunk.length;
        socket.write(chunk, (error) => error ?? setImmediate(more));
      };
      more();
    }),
  );
  const attempt = await sender().send({ url, ...message });
  expect(attempt).toMatchObject({ status: 200, error: null });
  // What the sockets of both sides hold, and not more.
  expect(written).toBeLessThan(32 * 1_048_576);
});

it('tells what went wrong with a connection', async () => {
  const closed = await startReceiver();
  await closed.close();
  expect(await sender().send({ url: closed.url, ...message })).toMatchObject({ error: 'ECONNREFUSED' });
  const resets = await rawServer((server) => server.on('connection', (socket) => socket.resetAndDestroy()));
  expect(await sender().send({ url: resets, ...message })).toMatchObject({ error: 'ECONNRESET' });
  const tls = inside.url.replace('http:', 'https:');
  expect(await sender().send({ url: tls, ...message })).toMatchObject({
    status: null,
    error: expect.stringMatching(/SSL|EPROTO|ECONNRESET/) as string,
  });
});
