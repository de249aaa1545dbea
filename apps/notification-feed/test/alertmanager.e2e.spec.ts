import { setTimeout } from 'node:timers/promises';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import {
  alertmanagerProgram,
  groupIntervalMs,
  startAlertmanager,
  type TestAlertmanager,
} from './alertmanager.js';
import { createFeedSite, type FeedSite } from './feed-service.js';

let site: FeedSite;
let service: SpawnedService;
const alertmanagers: TestAlertmanager[] = [];

beforeAll(async () => {
  site = await createFeedSite();
  service = await site.start();
}, 90_000);

afterAll(async () => {
  await Promise.all(alertmanagers.map((one) => one.stop()));
  await site.drop();
}, 60_000);

const list = async (squad: string) => {
  const { body } = await httpJson(`${service.url}/v1/notifications?squad=${squad}&after=0`, {
    token: site.token('operator'),
  });
  return (body as { notifications: object[] }).notifications;
};

const post = (body: unknown, token = site.token('operator')) =>
  httpJson(`${service.url}/v1/alertmanager`, { body, token });

if (!alertmanagerProgram)
  process.stderr.write('skipped, because this machine has no Alertmanager: alerts of a real one\n');

(alertmanagerProgram ? it : it.skip)(
  'has one row of each state of an alert that two Alertmanagers send and repeat',
  async () => {
    const feed = { feed: service.url, token: site.token('operator') };
    for (let each = 0; each < 2; each += 1)
      alertmanagers.push(await startAlertmanager(alertmanagerProgram ?? '', feed));
    const alert = {
      labels: { alertname: 'BrokerDown', severity: 'critical', squad: 'slm-execution' },
      annotations: { summary: 'Broker kafka-1 is down', description: 'No answer.' },
      startsAt: new Date(Date.now() - 60_000).toISOString(),
      generatorURL: 'http://prometheus.example.com/graph',
    };
    const other = { ...alert, labels: { alertname: 'DiskFull' }, annotations: {} };
    const tell = (more: object = {}) =>
      Promise.all(
        alertmanagers.map((one) => one.alert([alert, other].map((each) => ({ ...each, ...more })))),
      );
    const delivered = () => Promise.all(alertmanagers.map((one) => one.delivered()));
    const repeated = async () => (await delivered()).every((messages) => messages >= 6);
    // What is over is sent once more and then no longer.
    const quiet = async () => {
      const before = await delivered();
      await setTimeout(3 * groupIntervalMs);
      return (await delivered()).join() === before.join();
    };
    await tell();
    await waitFor(repeated, { describe: 'repeats of both' });
    const endsAt = new Date().toISOString();
    await tell({ endsAt });
    await waitFor(async () => (await list('infra-ops')).length >= 2);
    await waitFor(quiet, { describe: 'silence of both' });
    expect(await list('slm-execution')).toMatchObject([
      {
        kind: 'alert.firing',
        severity: 'critical',
        title: 'Broker kafka-1 is down',
        body: 'No answer.',
        source: 'alertmanager',
        link: alert.generatorURL,
        metadata: alert.labels,
        happened_at: alert.startsAt,
        event: null,
      },
      {
        kind: 'alert.resolved',
        severity: 'info',
        title: 'Resolved: Broker kafka-1 is down',
        happened_at: endsAt,
      },
    ]);
    expect(await list('infra-ops')).toMatchObject([
      { kind: 'alert.firing', severity: 'warning', title: 'DiskFull' },
      { kind: 'alert.resolved', severity: 'info', title: 'Resolved: DiskFull' },
    ]);
  },
  60_000,
);

it('refuses another version, and alerts for squads that the token does not cover', async () => {
  const alert = {
    status: 'firing',
    labels: { alertname: 'X', squad: 'ui-experience' },
    annotations: {},
    startsAt: '2026-06-01T08:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: 'f',
  };
  const group = { version: '4', groupKey: 'g', alerts: [alert] };
  expect(await post({ ...group, version: '3' })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'version', message: expect.stringContaining('version 4') as string }] },
  });
  expect(await post(group, site.token('billing'))).toMatchObject({
    status: 403,
    body: { code: 'squad-not-allowed', squads: ['ui-experience'] },
  });
  expect((await post(group, site.token('other'))).status).toBe(403);
  expect(await list('ui-experience')).toEqual([]);
  expect(await post(group)).toMatchObject({ status: 201, body: { notifications: [{ new: true }] } });
});
