import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import { type Browser, browserProgram, openBrowser } from './browser.js';
import { createFeedSite, type FeedSite } from './feed-service.js';
import { entries } from './notifications.js';

const library = fileURLToPath(new URL('../../../libs/feed-client/dist/', import.meta.url));

/** Reads the feed, tells what it reads, and is loaded anew in the middle of the fifth. */
const page = `<!doctype html><title>feed</title><script type="module">
const tell = (what) => fetch('/told', { method: 'POST', body: JSON.stringify(what) });
try {
  const { createFeedClient, storageCursorStore } = await import('/library/index.js');
  const token = async () => (await fetch('/token')).text();
  const feed = createFeedClient({ url: location.origin, token });
  const cursor = storageCursorStore(localStorage, 'feed');
  let read = 0;
  for await (const { notification } of feed.subscribe({ squad: 'infra-ops', from: 'start', cursor })) {
    await tell({ position: notification.position });
    read += 1;
    if (read === 5 && !sessionStorage.getItem('again')) {
      sessionStorage.setItem('again', 'yes');
      location.reload();
      await new Promise(() => {});
    }
  }
} catch (error) {
  await tell({ error: String(error) });
}
</script>`;

let site: FeedSite;
let service: SpawnedService;
let server: Server | undefined;
let browser: Browser | undefined;
const told: { position?: string; error?: string }[] = [];
const streams = new Set<ServerResponse>();

beforeAll(async () => {
  site = await createFeedSite();
  service = await site.start();
}, 90_000);

afterAll(async () => {
  await browser?.close();
  server?.close();
  server?.closeAllConnections();
  await site.drop();
}, 60_000);

/** Passes a request on to the feed, as the web server of a console does. */
const passOn = (incoming: IncomingMessage, answer: ServerResponse): void => {
  const { method, headers, url = '' } = incoming;
  const outgoing = request(new URL(url, service.url), { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  answer.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
  if (url.startsWith('/v1/stream')) {
    streams.add(answer);
    answer.on('close', () => streams.delete(answer));
  }
};

const serve = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
  const { url = '' } = incoming;
  if (url.startsWith('/v1/')) return passOn(incoming, answer);
  if (url === '/') return void answer.writeHead(200, { 'content-type': 'text/html' }).end(page);
  if (url === '/token') return void answer.end(site.token('operator'));
  if (url === '/told') {
    told.push(JSON.parse(Buffer.concat(await incoming.toArray()).toString()) as (typeof told)[number]);
    return void answer.end();
  }
  if (!/^\/library\/[\w/-]+\.js$/.test(url)) return void answer.writeHead(404).end();
  const script = await readFile(`${library}${url.slice('/library/'.length)}`);
  answer.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
};

const positions = async (): Promise<string[]> => {
  const { body } = await httpJson(`${service.url}/v1/notifications?squad=infra-ops&after=0`, {
    token: site.token('operator'),
  });
  return (body as { notifications: { position: string }[] }).notifications.map(({ position }) => position);
};

if (!browserProgram)
  process.stderr.write('skipped, because this machine has no Chromium: the client in a browser\n');

(browserProgram ? it : it.skip)(
  'reads the feed in a browser, goes on after a reload, and over a connection that breaks',
  async () => {
    await site.database.store.append(entries(0, 10));
    server = createServer((incoming, answer) => void serve(incoming, answer)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    browser = await openBrowser(browserProgram ?? '', `http://127.0.0.1:${port}/`);
    const last = async () => {
      expect(told.filter(({ error }) => error !== undefined)).toEqual([]);
      return told.at(-1)?.position === (await positions()).at(-1);
    };
    await waitFor(last, { timeoutMs: 60_000, describe: 'the browser to read what is stored' }).catch(
      (error: Error) => {
        throw new Error(`${error.message}; the browser wrote:\n${browser?.logs()}`);
      },
    );
    expect(streams.size).toBe(1);
    for (const stream of streams) stream.destroy();
    await site.database.store.append(entries(10, 5));
    await waitFor(last, { timeoutMs: 30_000 });
    const all = await positions();
    expect(all).toHaveLength(15);
    // The fifth was not finished when the page was loaded anew; nothing else comes twice.
    expect(told.map(({ position }) => position)).toEqual([...all.slice(0, 5), ...all.slice(4)]);
  },
  120_000,
);
