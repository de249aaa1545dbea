import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { httpJson, type SpawnedService, waitFor } from '@soma/testing';
import { createFeedSite, type FeedSite } from './feed-service.js';

const shipped = fileURLToPath(new URL('../../../infra/feed', import.meta.url));
const at = Date.UTC(2026, 5, 1);

let site: FeedSite;
let service: SpawnedService;

beforeAll(async () => {
  site = await createFeedSite();
  await cp(shipped, site.rules, { recursive: true });
  // The time of day at which this runs must not decide what it sees.
  const file = join(site.rules, 'identity-settings.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace(/^ *quietHours:.*\n/m, '').replace('1h', '31d'),
  );
  service = await site.start();
}, 120_000);

afterAll(() => site.drop(), 60_000);

interface Row {
  readonly kind: string;
  readonly title: string;
  readonly severity: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const list = async (squad: string, kind: string): Promise<readonly Row[]> => {
  const { body } = await httpJson(`${service.url}/v1/notifications?squad=${squad}&after=0&limit=500`, {
    token: site.token('operator'),
  });
  return (body as { notifications: readonly Row[] }).notifications.filter((row) => row.kind === kind);
};

const charge = (cost: number, tenant = 'acme') =>
  site.producer.send('billing.events', {
    event_id: '1c9a7e52-08b4-4d6f-a3e7-5d20f9b81c36',
    tenant_id: tenant,
    service: 'slm-gateway',
    cost,
    currency: 'EUR',
    at,
  });

const windowOf = async (tenant: string) =>
  (
    await site.database.postgres.query<{ sum: string; count: string }>(
      'SELECT sum::text, count::text FROM rule_window WHERE group_values = $1',
      [JSON.stringify([tenant, 'EUR'])],
    )
  ).rows[0];

it('makes one notification of each event that a rule means, beside the rows of the feed itself', async () => {
  const { producer } = site;
  const decision = {
    session_id: '7b0c4f1e-52d8-4a3b-9e61-0f8d2c7a5b94',
    tenant: 'acme',
    user: 'u-1001',
    role: 'member',
    decision: 'deny' as const,
    score: 0.99,
    severity: 'critical' as const,
    reasons: ['pii.export'],
    constitution_hash: '9f2c',
    at,
  };
  await Promise.all([
    producer.send('policy.decisions', decision),
    producer.send('policy.decisions', { ...decision, decision: 'allow' }),
    producer.send('constitution.updated', { tenant: 'acme', version: 48, hash: '9f', signature: 'x', at }),
    ...(['failure', 'success'] as const).map((outcome) =>
      producer.send('identity.audit', {
        actor: 'secrets-rotator',
        action: 'secret.rotated',
        subject: 'kafka/notification-feed',
        outcome,
        at,
      }),
    ),
  ]);
  await waitFor(async () => (await list('infra-ops', 'rotation.failed')).length > 0, { timeoutMs: 60_000 });
  await waitFor(async () => (await list('identity-settings', 'policy.denied')).length > 0);
  await waitFor(async () => (await list('slm-execution', 'constitution.updated')).length > 0);
  expect(await list('policy-orchestration', 'policy.denied')).toMatchObject([
    { title: 'acme: member was denied (critical)', severity: 'error' },
  ]);
  expect(await list('infra-ops', 'rotation.failed')).toMatchObject([
    { title: 'Rotation of kafka/notification-feed ended with failure', severity: 'critical' },
  ]);
  expect(await list('memory-constitution', 'constitution.updated')).toHaveLength(1);
  const metrics = (await httpJson(`${service.url}/metrics`)).body as string;
  expect(metrics).toMatch(/^feed_rules(?:\{[^}]*\})? 4$/m);
  expect(metrics).toMatch(
    /^feed_rule_evaluations_total\{[^}]*rule="policy-orchestration\/grave-denial"[^}]*outcome="sent"[^}]*\} 1$/m,
  );
}, 120_000);

it('keeps the sum of a window through SIGKILL, in the middle of charges, exactly', async () => {
  const count = 300;
  const cost = 200_000;
  let sent = 0;
  const charging = (async () => {
    for (let part = 0; part < 15; part += 1) {
      await Promise.all(Array.from({ length: count / 15 }, () => charge(cost, 'kill')));
      sent += count / 15;
    }
  })();
  for (let round = 1; round <= 2; round += 1) {
    await waitFor(async () => Number((await windowOf('kill'))?.count ?? 0) >= round * 20, {
      timeoutMs: 60_000,
    });
    service.kill('SIGKILL');
    await service.exited;
    service = await site.start();
  }
  await charging;
  expect(sent).toBe(count);
  await waitFor(async () => Number((await windowOf('kill'))?.count ?? 0) >= count, { timeoutMs: 60_000 });
  expect(await windowOf('kill')).toEqual({ sum: `${count * cost}`, count: `${count}` });
  expect(await list('identity-settings', 'billing.threshold')).toMatchObject([
    { title: 'kill has spent 50.20 EUR within 31d' },
  ]);
  expect((await list('identity-settings', 'billing.event')).length).toBe(count);
}, 240_000);

it('takes changed rules while it runs, and a broken file costs nothing but a word to infra-ops', async () => {
  const file = join(site.rules, 'ui-experience.yaml');
  const rules = (when: string) => `squad: ui-experience
rules:
  - { name: dear, on: billing.events, when: '${when}', kind: dear, severity: info, title: t, body: '' }
`;
  await writeFile(file, rules('event.cost == 7'));
  const active = async () => (await httpJson(`${service.url}/metrics`)).body as string;
  await waitFor(async () => /^feed_rules(?:\{[^}]*\})? 5$/m.test(await active()));
  await writeFile(file, rules('event.cots == 8'));
  service.kill('SIGHUP');
  await waitFor(async () => (await list('infra-ops', 'feed.rules.broken')).length > 0);
  await charge(7);
  await waitFor(async () => (await list('ui-experience', 'dear')).length > 0, { timeoutMs: 30_000 });
  expect(await active()).toMatch(/^feed_rule_files_broken(?:\{[^}]*\})? 1$/m);
  expect(await list('infra-ops', 'feed.rules.broken')).toHaveLength(1);
  expect(await service.stop()).toEqual({ code: 0, signal: null });
}, 120_000);
