import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnedPlatform, startPlatform } from '@soma/platform';
import { httpJson, platform, waitFor } from '@soma/testing';
import { kafkaOperations } from '../src/kafka-operations.js';
import { publishServices } from '../src/services.js';
import { ensureOperatorToken } from '../src/tokens.js';
import { type FeedService, startFeed } from './feed-service.js';

describe('the alerts of the local platform', () => {
  const home = mkdtempSync(join(tmpdir(), 'soma-alerts-'));
  let own: OwnedPlatform;
  let feed: FeedService;

  beforeAll(async () => {
    const { PATH, HOME, SOMA_CACHE } = process.env;
    // With the servers of the test run, of its own it has Prometheus and Alertmanager alone.
    own = await startPlatform({
      home,
      env: { PATH, HOME, SOMA_CACHE, ...platform().env },
      kafka: kafkaOperations,
      onProgress: () => undefined,
    });
    ensureOperatorToken(home);
    feed = await startFeed(join(home, 'tokens.json'));
  }, 120_000);

  afterAll(async () => {
    await feed.drop();
    await own.down();
    rmSync(home, { recursive: true });
  }, 60_000);

  it('come into the feed as soon as the services have said where they are', async () => {
    const service = { name: 'notification-feed', url: feed.url, log: '' } as const;
    const resolved = () => Promise.resolve();
    await publishServices(home, [{ ...service, ready: resolved, stop: resolved }]);
    const alert = {
      labels: { alertname: 'Drill', squad: 'slm-execution' },
      annotations: { summary: 'A drill' },
    };
    const told = await httpJson(`${own.env['SOMA_ALERTMANAGER_URL']}/api/v2/alerts`, { body: [alert] });
    expect(told.status).toBe(200);
    const token = readFileSync(join(home, 'tokens', 'operator'), 'utf8').trim();
    const list = async () => {
      const url = `${feed.url}/v1/notifications?squad=slm-execution`;
      return ((await httpJson(url, { token })).body as { notifications: object[] }).notifications;
    };
    const rows = await waitFor(async () => {
      const found = await list();
      return found.length > 0 && found;
    });
    expect(rows).toMatchObject([{ kind: 'alert.firing', title: 'A drill', source: 'alertmanager' }]);
  });
});
